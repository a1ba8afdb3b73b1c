/**
 * The boundaries between the rooms: a room imports only from rooms below it (CONTRIBUTING.md).
 * `node tools/boundaries.ts [ROOT]` prints every import that breaks a rule and exits with 1.
 */
import { globSync, readFileSync } from 'node:fs';
import { dirname, join, normalize, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseSync } from 'oxc-parser';

/** What each room may import, by package. `gateway` runs alone: it never sees the store or the control plane. */
const rooms: Record<string, readonly string[]> = {
  model: [],
  config: ['model'],
  store: ['config', 'model'],
  throttle: ['model'],
  gateway: ['throttle', 'config', 'model'],
  'key-manager': ['store', 'config', 'model'],
  'control-plane': ['key-manager', 'store', 'config', 'model'],
  cli: ['control-plane', 'key-manager', 'gateway', 'throttle', 'store', 'config', 'model'],
};

/** What each floor of the gateway may import of its siblings; a folder that is not named may import them all. */
const gatewayFloors: Record<string, readonly string[]> = {
  deadlines: [],
  transport: ['deadlines'],
};

interface Violation {
  readonly file: string;
  readonly line: number;
  readonly imported: string;
  readonly rule: string;
}

/** Every import below `root/packages` that goes up, sideways or past a room's front door. */
export function findViolations(root: string): Violation[] {
  const violations: Violation[] = [];
  for (const path of globSync('packages/**/*.ts', { cwd: root, exclude: (name) => name.includes('node_modules') })) {
    const file = path.split(sep).join('/');
    const room = file.split('/')[1] ?? '';
    const source = readFileSync(join(root, path), 'utf8');
    for (const { specifier, offset } of importsOf(file, source)) {
      const rule = brokenRule(file, room, specifier);
      if (rule) {
        const line = source.slice(0, offset).split('\n').length;
        violations.push({ file, line, imported: specifier, rule });
      }
    }
  }
  return violations;
}

function brokenRule(file: string, room: string, specifier: string): string | undefined {
  const allowed = rooms[room];
  if (!allowed) return `packages/${room} is not a room that tools/boundaries.ts knows`;
  if (specifier.startsWith('@sluice/')) {
    const [, other = '', ...below] = specifier.split('/');
    if (below.length > 0 && below.join('/') !== 'testing') return `import ${other} by its front door, @sluice/${other}`;
    if (below.length > 0 && !file.endsWith('.test.ts')) return 'only tests import what helps testing';
    return other === room || allowed.includes(other) ? undefined : `${room} may import only ${list(allowed)}`;
  }
  if (!specifier.startsWith('.')) return undefined;
  const target = normalize(join(dirname(file), specifier))
    .split(sep)
    .join('/');
  if (!target.startsWith(`packages/${room}/`)) return `${room} reaches into another room by path`;
  return room === 'gateway' ? brokenFloor(file, target) : undefined;
}

function brokenFloor(file: string, target: string): string | undefined {
  const [from = '', to = ''] = [file.split('/')[2], target.split('/')[2]];
  const allowed = gatewayFloors[from];
  if (!allowed || from === to || file.endsWith('.test.ts')) return undefined;
  return allowed.includes(to) ? undefined : `gateway/${from} may import only ${list(allowed)}`;
}

function list(names: readonly string[]): string {
  return names.length > 0 ? names.join(', ') : 'nothing of Sluice';
}

function* importsOf(file: string, source: string): Iterable<{ specifier: string; offset: number }> {
  const { module } = parseSync(file, source);
  for (const { moduleRequest } of module.staticImports) yield place(moduleRequest);
  for (const { entries } of module.staticExports) {
    const request = entries.find((entry) => entry.moduleRequest)?.moduleRequest;
    if (request) yield place(request);
  }
  for (const { moduleRequest } of module.dynamicImports) {
    const text = source.slice(moduleRequest.start, moduleRequest.end);
    if (/^['"`]/.test(text)) yield { specifier: text.slice(1, -1), offset: moduleRequest.start };
  }
}

function place(request: { value: string; start: number }) {
  return { specifier: request.value, offset: request.start };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const root = process.argv[2] ?? join(dirname(fileURLToPath(import.meta.url)), '..');
  const violations = findViolations(root);
  for (const { file, line, imported, rule } of violations) {
    process.stdout.write(`${relative('.', file)}:${line}: imports ${imported}: ${rule}\n`);
  }
  process.exitCode = violations.length === 0 ? 0 : 1;
}
