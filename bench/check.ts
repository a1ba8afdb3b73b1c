import { answerBytes } from './cases.ts';
import { itemPath } from './measure.ts';
import { loadKey, type ProxyProgram, type Route, type RunningProxy } from './proxies/proxy.ts';

/** Proves that a program does what is measured. @throws with what it does instead. */
export async function check(proxy: ProxyProgram, running: RunningProxy, routes: readonly Route[]): Promise<void> {
  const credentials = { apikey: loadKey, ...(running.authorization ? { authorization: running.authorization } : {}) };
  for (const route of routes.filter(({ called }) => called)) {
    const path = itemPath(route, running);
    const url = `http://127.0.0.1:${running.httpPort}${path}`;
    const answer = await fetch(url, { headers: credentials });
    const { byteLength } = await answer.arrayBuffer();
    if (answer.status !== 200 || byteLength !== answerBytes[route.answer])
      throw new Error(`does not serve ${path}: ${answer.status} with ${byteLength} bytes`);
    if (!proxy.guarded) continue;
    const refusal = await fetch(url);
    await refusal.arrayBuffer();
    if (refusal.status !== 401) throw new Error(`answers a call without credentials with ${refusal.status}`);
  }
}
