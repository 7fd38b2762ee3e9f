import assert from 'node:assert';
import fs from 'node:fs';

const named = (name) => (error) => error instanceof DOMException && error.name === name;
const root = () => navigator.storage.getDirectory();
const tmp = async () => (await root()).getDirectoryHandle('tmp');

async function write(directory, name, content) {
  const handle = await directory.getFileHandle(name, { create: true });
  const stream = await handle.createWritable();
  await stream.write(content);
  await stream.close();
  return handle;
}

const read = async (handle) => (await handle.getFile()).text();

export const theTree = {
  async test() {
    const top = await root();
    assert.deepStrictEqual([top.name, top.kind], ['', 'directory']);
    assert.deepStrictEqual(await Array.fromAsync(top.keys()), ['bundle', 'tmp', 'dev']);
    const data = await (await top.getDirectoryHandle('bundle')).getDirectoryHandle('data');
    const text = await data.getFileHandle('text.txt');
    assert.strictEqual(await read(text), 'from the bundle');
    assert.deepStrictEqual(await top.resolve(text), ['bundle', 'data', 'text.txt']);
    assert.deepStrictEqual(await top.resolve(top), []);
    assert.strictEqual(await data.resolve(top), null);
    await assert.rejects(data.removeEntry('text.txt'), named('NotAllowedError'));
    await assert.rejects(data.getFileHandle('new.txt', { create: true }), named('NotAllowedError'));
    const seen = [];
    top.forEach((name, handle, directory) => { seen.push([name, handle.kind, directory === top]); });
    assert.deepStrictEqual(seen[0], ['bundle', 'directory', true]);
  },
};

export const filesAreNodesFilesToo = {
  async test() {
    const handle = await write(await tmp(), 'shared.txt', 'written here');
    assert.strictEqual(fs.readFileSync('/tmp/shared.txt', 'utf8'), 'written here');
    fs.writeFileSync('/tmp/shared.txt', 'written there');
    assert.strictEqual(await read(handle), 'written there');
    const file = await handle.getFile();
    assert.ok(file instanceof File && file.name === 'shared.txt' && file.lastModified > 0);
    fs.symlinkSync('/tmp/shared.txt', '/tmp/link.txt');
    const entries = Object.fromEntries(await Array.fromAsync(await tmp()));
    assert.strictEqual(await read(entries['link.txt']), 'written there');
  },
};

export const handles = {
  async test() {
    const directory = await (await tmp()).getDirectoryHandle('handles', { create: true });
    await assert.rejects(directory.getFileHandle('x'), (e) => named('NotFoundError')(e) && e.message === 'Not found');
    const x = await directory.getFileHandle('x', { create: true });
    const again = await directory.getFileHandle('x');
    assert.ok(x instanceof FileSystemFileHandle && x instanceof FileSystemHandle && x !== again);
    assert.ok(await x.isSameEntry(again) && !(await x.isSameEntry(directory)));
    assert.strictEqual(await x.getUniqueId(), await again.getUniqueId());
    assert.notStrictEqual(await x.getUniqueId(), await directory.getUniqueId());
    await assert.rejects(directory.getDirectoryHandle('x'), named('TypeMismatchError'));
    for (const name of ['', '.', '..', 'a/b', 'a\\b']) {
      await assert.rejects(directory.getFileHandle(name, { create: true }), TypeError);
      await assert.rejects(directory.getDirectoryHandle(name, { create: true }), TypeError);
      await assert.rejects(directory.removeEntry(name), TypeError);
    }
    assert.throws(() => new FileSystemFileHandle(), /Illegal constructor/);
    assert.throws(() => new StorageManager(), /Illegal constructor/);
    await assert.rejects(FileSystemFileHandle.prototype.getFile.call(directory), /Illegal invocation/);
    await assert.rejects((await root()).remove(), named('NotAllowedError'));
  },
};

export const removal = {
  async test() {
    const parent = await tmp();
    const directory = await parent.getDirectoryHandle('full', { create: true });
    const file = await write(directory, 'f', 'x');
    await assert.rejects(parent.removeEntry('full'), named('InvalidModificationError'));
    const stream = await file.createWritable();
    await assert.rejects(directory.removeEntry('f'), named('NoModificationAllowedError'));
    await assert.rejects(file.remove(), named('NoModificationAllowedError'));
    await assert.rejects(parent.removeEntry('full', { recursive: true }), named('NoModificationAllowedError'));
    await stream.abort();
    await parent.removeEntry('full', { recursive: true });
    await assert.rejects(parent.removeEntry('full'), named('NotFoundError'));
    await assert.rejects(file.getFile(), named('NotFoundError'));
    await assert.rejects(directory.keys().next(), named('NotFoundError'));
  },
};

export const writing = {
  async test() {
    const handle = await write(await tmp(), 'w', 'before');
    const stream = await handle.createWritable({ keepExistingData: true });
    assert.ok(stream instanceof FileSystemWritableFileStream && stream instanceof WritableStream);
    await stream.write('AF');
    await stream.write({ type: 'write', position: 4, data: new Uint8Array([88, 89]) });
    assert.strictEqual(await read(handle), 'before'); // until it is closed
    await stream.seek(8);
    await stream.write(new Blob(['end']));
    await stream.close();
    assert.strictEqual(await read(handle), 'AFfoXY\0\0end');

    const shorter = await handle.createWritable({ keepExistingData: true });
    await shorter.truncate(3);
    const writer = shorter.getWriter();
    await writer.write('Z');
    await writer.close();
    assert.strictEqual(await read(handle), 'ZFf');

    const dropped = await handle.createWritable();
    await dropped.write('nothing of this');
    await dropped.abort();
    assert.strictEqual(await read(handle), 'ZFf');

    await new Response('piped').body.pipeTo(await handle.createWritable());
    assert.strictEqual(await read(handle), 'piped');
  },
};

export const wrongWrites = {
  async test() {
    const handle = await write(await tmp(), 'wrong', 'kept');
    const cases = [
      [{ type: 'write' }, named('SyntaxError')], [{ type: 'write', data: null }, TypeError], [{ type: 'seek' }, named('SyntaxError')],
      [{ type: 'truncate' }, named('SyntaxError')], [{ type: 'other' }, TypeError], [{}, TypeError], [null, TypeError],
      [{ type: 'truncate', size: -1 }, named('QuotaExceededError')],
    ];
    for (const [chunk, expected] of cases) {
      const stream = await handle.createWritable();
      await assert.rejects(stream.write(chunk), expected);
      await assert.rejects(stream.close());
    }
    const closed = await handle.createWritable({ keepExistingData: true });
    await closed.close();
    await assert.rejects(closed.write('x'), TypeError);
    const locked = await handle.createWritable();
    locked.getWriter();
    await assert.rejects(locked.write('x'), TypeError);
    assert.strictEqual(await read(handle), 'kept');
  },
};
