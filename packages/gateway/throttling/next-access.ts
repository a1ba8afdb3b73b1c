const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** When calls pass again, as WSO2 writes it: `2025-Jan-05 10:01:00+0000 UTC` (wso2-gateway.md 7.2). The first whole second at or after `epoch` (milliseconds). */
export function nextAccessTime(epoch: number): string {
  const date = new Date(Math.ceil(epoch / 1000) * 1000);
  const text = date.toISOString();
  return `${text.slice(0, 4)}-${months[date.getUTCMonth()]}-${text.slice(8, 10)} ${text.slice(11, 19)}+0000 UTC`;
}
