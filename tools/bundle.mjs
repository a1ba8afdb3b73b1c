// Bundles the program into dist/sluice: a start loads a handful of files instead of a thousand.
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const outdir = join(root, 'dist', 'sluice');
const stampFile = process.argv[2];

/** Files that code finds beside itself stay where they are: in the bundle `import.meta.url` still points into `packages/`. */
const keepPlace = {
  name: 'keep-place',
  setup(build) {
    build.onLoad({ filter: /[\\/]packages[\\/].*\.ts$/ }, ({ path }) => {
      const place = relative(outdir, path).split(sep).join('/');
      const source = readFileSync(path, 'utf8');
      return {
        contents: source.replaceAll('import.meta.url', `new URL(${JSON.stringify(place)}, import.meta.url).href`),
        loader: 'ts',
      };
    });
  },
};

rmSync(outdir, { recursive: true, force: true });
await build({
  entryPoints: { main: join(root, 'packages', 'cli', 'main.ts') },
  outdir,
  bundle: true,
  splitting: true,
  format: 'esm',
  platform: 'node',
  target: 'node24',
  sourcemap: true,
  sourcesContent: false,
  chunkNames: '[name]-[hash]',
  logLevel: 'error',
  // A native module keeps its own file; pg-native is an optional peer that is never used.
  external: ['@node-rs/argon2', 'pg-native'],
  plugins: [keepPlace],
  banner: {
    js: "import { createRequire as sluiceCreateRequire } from 'node:module'; const require = sluiceCreateRequire(import.meta.url);",
  },
});
if (stampFile) writeFileSync(stampFile, readFileSync(0));
