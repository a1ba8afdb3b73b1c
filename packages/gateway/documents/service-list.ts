import { hostName } from '../snapshot/routes.ts';
import type { Snapshot } from '../snapshot/snapshot.ts';
import { escapeXml } from '../xml/escape.ts';
import { isShown } from './shown.ts';

/** APIs that one list names; who has more looks into the developer portal. */
const most = 1000;

/** The list of what the gateway serves under a host, as a page with links to the definitions. */
export function serviceList(snapshot: Snapshot, host: string): string {
  const name = hostName(host);
  const found: { readonly label: string; readonly path: string; readonly verbs: readonly string[] }[] = [];
  let count = 0;
  for (const { target, basePath, vhost } of snapshot.routes.mounts()) {
    const { source, label } = target;
    // A default version stands there once, under its version.
    if (basePath !== source.basePath || (vhost !== null && vhost !== name) || !isShown(source)) continue;
    count++;
    if (found.length < most) {
      found.push({ label, path: basePath, verbs: source.operations.map(({ verb, target: at }) => `${verb} ${at}`) });
    }
  }
  found.sort((one, other) => (one.path < other.path ? -1 : 1));
  const items = found.map(
    ({ label, path, verbs }) =>
      `<h3><a href="${escapeXml(path)}?swagger.json">${escapeXml(label)}</a></h3>\n<ul>\n${verbs.map((verb) => `<li>${escapeXml(verb)}</li>\n`).join('')}</ul>\n`,
  );
  const more = count > most ? `<p>and ${count - most} more</p>\n` : '';
  const body = count === 0 ? '<p>No services are deployed.</p>\n' : items.join('') + more;
  return `<!DOCTYPE html>\n<html lang="en">\n<head><meta charset="utf-8"><title>Services</title></head>\n<body>\n<h2>Deployed services</h2>\n${body}</body>\n</html>\n`;
}
