import type { IncomingMessage } from 'node:http';
import { errors, SluiceError } from '@sluice/model';

/** Reads a whole body within a bound of bytes and of milliseconds. Rejects with `oauthBodyTooLarge` or `oauthBodyTimeout`. */
export function readBody(request: IncomingMessage, bytes: number, milliseconds: number): Promise<Buffer> {
  const tooLarge = () => new SluiceError(errors.oauthBodyTooLarge, { limit: bytes });
  if (Number(request.headers['content-length'] ?? 0) > bytes) return Promise.reject(tooLarge());
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    const timer = setTimeout(
      () => end(new SluiceError(errors.oauthBodyTimeout, { limit: milliseconds })),
      milliseconds,
    );
    const onData = (chunk: Buffer) => {
      size += chunk.length;
      if (size > bytes) end(tooLarge());
      else chunks.push(chunk);
    };
    const onEnd = () => end();
    const onError = (error: Error) => end(error);
    const onClose = () => end(new Error('the client left before the body was complete'));
    function end(error?: Error) {
      clearTimeout(timer);
      request.off('data', onData).off('end', onEnd).off('error', onError).off('close', onClose);
      // Without a reader the rest stays in the socket until the answer has closed it.
      if (error) {
        request.pause();
        request.on('error', () => undefined);
        reject(error);
      } else resolve(Buffer.concat(chunks));
    }
    request.on('data', onData).on('end', onEnd).on('error', onError).on('close', onClose);
  });
}
