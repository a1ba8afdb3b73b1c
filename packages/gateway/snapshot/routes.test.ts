import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type Mount, Routes } from './routes.ts';

function mount(basePath: string, vhost: string | null = null): Mount<string> {
  return { target: `${vhost ?? ''}${basePath}`, basePath, vhost };
}

function routes(...mounts: readonly Mount<string>[]): Routes<string> {
  const edit = Routes.empty<string>().edit();
  for (const one of mounts) edit.add(one);
  return edit.finish();
}

test('the longest base path wins, and only whole segments count', () => {
  const made = routes(mount('/orders'), mount('/orders/1.0.0'), mount('/orders/1.0.0/deep'));
  assert.equal(made.find('/orders/1.0.0/items', 'h')?.basePath, '/orders/1.0.0');
  assert.equal(made.find('/orders/1.0.0', 'h')?.basePath, '/orders/1.0.0');
  assert.equal(made.find('/orders/1.0.01/items', 'h')?.basePath, '/orders');
  assert.equal(made.find('/orders/1.0.0/deep/', 'h')?.basePath, '/orders/1.0.0/deep');
  assert.equal(made.find('/ordersx', 'h'), undefined);
  assert.equal(made.find('*', 'h'), undefined);
});

test('an API for another host does not hide the one for all hosts, nor a shorter base path', () => {
  const made = routes(mount('/a'), mount('/a/b', 'one.example'), mount('/a', 'two.example'));
  assert.equal(made.find('/a/b', 'ONE.example:8243')?.target, 'one.example/a/b');
  assert.equal(made.find('/a/b', 'two.example')?.target, 'two.example/a');
  assert.equal(made.find('/a/b', 'three.example')?.target, '/a');
});

test('a version that is finished does not change with the next', () => {
  const edit = Routes.empty<string>().edit();
  const first = mount('/a/1');
  edit.add(first);
  const before = edit.finish();
  edit.remove(first);
  edit.add(mount('/b/1'));
  const after = edit.finish();
  assert.equal(before.find('/a/1/x', '')?.basePath, '/a/1');
  assert.equal(before.find('/b/1/x', ''), undefined);
  assert.equal(after.find('/a/1/x', ''), undefined);
  assert.equal(after.find('/b/1/x', '')?.basePath, '/b/1');
});

test('property: routes after any additions and removals find what a search through a list finds', () => {
  const basePath = fc
    .array(fc.constantFrom('a', 'b', 'c'), { maxLength: 4 })
    .map((parts) => parts.map((one) => `/${one}`).join(''));
  const change = fc.record({ basePath, add: fc.boolean() });
  fc.assert(
    fc.property(fc.array(change, { maxLength: 20 }), basePath, (changes, path) => {
      const edit = Routes.empty<string>().edit();
      const present = new Map<string, Mount<string>>();
      for (const { basePath, add } of changes) {
        const known = present.get(basePath);
        if (known !== undefined) edit.remove(known);
        present.delete(basePath);
        if (!add) continue;
        const made = mount(basePath);
        present.set(basePath, made);
        edit.add(made);
      }
      const asked = `${path}/`;
      const fitting = [...present.keys()]
        .filter((one) => asked.startsWith(`${one}/`))
        .sort((a, b) => b.length - a.length);
      assert.equal(edit.finish().find(asked, '')?.basePath, fitting[0]);
    }),
  );
});
