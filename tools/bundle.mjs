// Bundles the program into dist/sluice: a start loads a handful of files instead of a thousand.
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const outdir = join(root, 'dist', 'sluice');
const stampFile = process.argv[2];

/** A native module keeps its own file; pg-native is an optional peer that is never used. */
const external = ['@node-rs/argon2', 'pg-native'];

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

/** In a split bundle the dynamic import of a CommonJS package has a default export alone: this gives back the names that Node gives it. */
const namedLazily = {
  name: 'named-lazily',
  setup(build) {
    build.onResolve({ filter: /^[@a-z]/ }, ({ path, kind, resolveDir, namespace }) => {
      const lazy =
        kind === 'dynamic-import' &&
        namespace === 'file' &&
        !/^(node:|@sluice\/)/.test(path) &&
        !external.includes(path);
      return lazy ? { path, namespace: 'lazy', pluginData: resolveDir } : undefined;
    });
    build.onLoad({ filter: /.*/, namespace: 'lazy' }, async ({ path, pluginData }) => {
      const names = Object.keys(await import(path));
      const lines = names.map((name, index) => `const name${index} = all[${JSON.stringify(name)}];`);
      const exported = names.map((name, index) => `name${index} as ${JSON.stringify(name)}`);
      return {
        contents: `import * as all from ${JSON.stringify(path)};\n${lines.join('\n')}\nexport { ${exported.join(', ')} };\n`,
        resolveDir: pluginData,
        loader: 'js',
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
  external,
  plugins: [keepPlace, namedLazily],
  banner: {
    js: "import { createRequire as sluiceCreateRequire } from 'node:module'; const require = sluiceCreateRequire(import.meta.url);",
  },
});
if (stampFile) writeFileSync(stampFile, readFileSync(0));
