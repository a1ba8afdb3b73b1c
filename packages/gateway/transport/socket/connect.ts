import { getSystemErrorName } from 'node:util';
import { newTcpHandle, TCPConnectWrap, type TcpHandle } from './handles.ts';

/** An attempt to connect that is under way. */
export interface Connecting {
  /** Gives it up; `done` is not called any more. */
  cancel(): void;
}

/**
 * Connects to one IP address. `done` is called once, never before this returns: with the handle, or with the system's name of
 * the error (`ECONNREFUSED`, `ETIMEDOUT`, `ENETUNREACH` …).
 */
export function connectTcp(
  address: string,
  port: number,
  done: (error: string | null, handle: TcpHandle) => void,
): Connecting {
  const handle = newTcpHandle();
  const request = new TCPConnectWrap();
  let over = false;
  const finish = (status: number): void => {
    if (over) return;
    over = true;
    if (status === 0) {
      handle.setNoDelay(true);
      done(null, handle);
    } else {
      handle.close();
      done(getSystemErrorName(status), handle);
    }
  };
  request.oncomplete = finish;
  const status = address.includes(':')
    ? handle.connect6(request, address, port)
    : handle.connect(request, address, port);
  if (status !== 0) process.nextTick(finish, status);
  return {
    cancel() {
      if (over) return;
      over = true;
      handle.close();
    },
  };
}
