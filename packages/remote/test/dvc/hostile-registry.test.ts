import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { openDvcRegistry } from '@dsv/remote'
import fc from 'fast-check'
import git from 'isomorphic-git'
import { readFiles } from './read-files.ts'
import { md5, type TestRegistry, writeRegistry } from './write-registry.ts'

let folder: string
let registry: TestRegistry

beforeEach(() => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'dsv-dvc-hostile-'))
  registry = writeRegistry(path.join(folder, 'registry'))
})
afterEach(() => fs.rmSync(folder, { recursive: true, force: true }))

const env = { DVC_GLOBAL_CONFIG_DIR: '/nowhere' }

async function read(asked: string): Promise<Readonly<Record<string, string>>> {
  return readFiles(await openDvcRegistry(registry.folder, { env }), asked)
}

describe('openDvcRegistry of damaged and hostile registries', () => {
  it('refuses entries of a directory that leave it or cannot be written', async () => {
    for (const relpath of [
      '../x',
      'a/../../x',
      '/etc/x',
      'a//b',
      './a',
      '',
      'a/',
      '.git/hooks/pre-commit',
      'a/.GIT/x',
      '.dsv/root',
      'C:\\x',
      'a\\..\\x',
      'a\0b',
      'aux.txt',
    ]) {
      const json = JSON.stringify([{ md5: md5('x'), relpath }])
      await registry.commit({ 'd.dvc': registry.out('d', registry.rawDirectory(json)) })
      await expect(read('d')).rejects.toMatchObject({
        code: expect.stringMatching(/^DSV_(PATH_UNSAFE|DVC_METADATA_INVALID)$/),
      })
    }
  })

  it('refuses entries that are there twice, or are both a file and a folder', async () => {
    for (const names of [
      ['a', 'a'],
      ['a', 'a/b'],
      ['a/b/c', 'x', 'a/b'],
    ]) {
      const json = JSON.stringify(names.map((relpath) => ({ md5: md5('x'), relpath })))
      await registry.commit({ 'd.dvc': registry.out('d', registry.rawDirectory(json)) })
      await expect(read('d')).rejects.toMatchObject({ code: 'DSV_DVC_METADATA_INVALID' })
    }
  })

  it('refuses a .dir object that is none', async () => {
    for (const json of [
      '',
      '{',
      '{}',
      '[1]',
      '[{}]',
      '[{"md5": 1, "relpath": "x"}]',
      '[[["x"]]]',
    ]) {
      await registry.commit({ 'd.dvc': registry.out('d', registry.rawDirectory(json)) })
      await expect(read('d')).rejects.toMatchObject({ code: 'DSV_DVC_METADATA_INVALID' })
    }
    const proto = `[{"md5": "${registry.object('x')}", "relpath": "__proto__"}]`
    await registry.commit({ 'd.dvc': registry.out('d', registry.rawDirectory(proto)) })
    const opened = await openDvcRegistry(registry.folder, { env })
    for await (const file of opened.resolve('d')) expect(file.path).toBe('__proto__')
  })

  it('notices an object that does not have its hash, and takes a good one from elsewhere', async () => {
    const hash = registry.object('good')
    const bad = path.join(registry.remote, 'files/md5', hash.slice(0, 2), hash.slice(2))
    fs.writeFileSync(bad, 'evil')
    await registry.commit({ 'x.dvc': registry.out('x', hash) })
    await expect(read('x')).rejects.toMatchObject({
      code: 'DSV_DVC_OBJECT_CORRUPT',
      details: { location: bad },
    })
    registry.object('good', 2)
    expect(await read('x')).toEqual({ x: 'good' })
  })

  it('notices damage in a large object, whole or cut', async () => {
    const large = Buffer.alloc(17 * 2 ** 20, 'ab')
    const hash = registry.object(large)
    await registry.commit({ 'x.dvc': registry.out('x', hash) })
    expect(Object.values(await read('x'))[0]?.length).toBe(large.length)
    const file = path.join(registry.remote, 'files/md5', hash.slice(0, 2), hash.slice(2))
    for (const bytes of [
      large.subarray(1),
      large.subarray(0, 16 * 2 ** 20),
      large.fill('c', 9e6),
    ]) {
      fs.writeFileSync(file, bytes)
      await expect(read('x')).rejects.toMatchObject({ code: 'DSV_DVC_OBJECT_CORRUPT' })
    }
  })

  it('notices a .dir object that was swapped', async () => {
    const hash = registry.directory({ a: '1' })
    const other = registry.directory({ a: '2' })
    const at = (name: string): string =>
      path.join(registry.remote, 'files/md5', name.slice(0, 2), name.slice(2))
    fs.copyFileSync(at(other), at(hash))
    await registry.commit({ 'd.dvc': registry.out('d', hash) })
    await expect(read('d')).rejects.toMatchObject({ code: 'DSV_DVC_OBJECT_CORRUPT' })
  })

  it('names what is missing and where it looked', async () => {
    await registry.commit({ 'x.dvc': registry.out('x', md5('gone')) })
    await expect(read('x')).rejects.toMatchObject({
      code: 'DSV_DVC_OBJECT_MISSING',
      details: { path: 'x', md5: md5('gone'), locations: [registry.remote] },
    })
  })

  it('leaves out outputs outside of the repository', async () => {
    const hash = registry.object('x')
    const outs = ['../x', '/etc/x', 's3://bucket/x', 'C:\\x', '.git/config', 'a/../../x']
    const files = outs.map((out, at) => [`${at}.dvc`, registry.out(`'${out}'`, hash)] as const)
    await registry.commit({ ...Object.fromEntries(files), 'good.dvc': registry.out('good', hash) })
    const opened = await openDvcRegistry(registry.folder, { env })
    expect(await readFiles(opened, '')).toEqual({ good: 'x' })
    expect(opened.skipped.map((each) => each.path)).toEqual(outs)
    await expect(read('s3://bucket/x')).rejects.toMatchObject({ name: 'DsvError' })
    await expect(read('../x')).rejects.toMatchObject({ code: 'DSV_PATH_UNSAFE' })
  })

  it('refuses outputs that lie in each other', async () => {
    const hash = registry.object('x')
    for (const other of ['d', 'd/e']) {
      await registry.commit({
        'd.dvc': registry.out('d', hash),
        'other.dvc': registry.out(other, hash),
      })
      await expect(read('')).rejects.toMatchObject({ code: 'DSV_DVC_METADATA_INVALID' })
    }
  })

  it('refuses metadata that is no metadata, in bounded memory', async () => {
    const bomb = `a: &a [${'x,'.repeat(50)}]\n${'bcdefgh'
      .split('')
      .map((name, at) => `${name}: &${name} [${`*${'abcdefgh'[at]},`.repeat(50)}]`)
      .join('\n')}\n`
    for (const text of [
      '[1, 2]',
      'outs: x',
      'outs: [x]',
      'outs: [{md5: x, path: x}]',
      'outs: [{path: {}}]',
      'outs: [{path: x, size: -1}]',
      'outs:\n\t- x',
      'outs: []\nouts: []',
      '<<<<<<< HEAD\nouts: []\n',
      '!!js/function "x"',
      'deps: [{path: x, repo: {url: x}}]',
      'a: &a [*a]',
      '\u0000',
      '['.repeat(5000),
      bomb,
    ]) {
      await registry.commit({ 'x.dvc': text })
      await expect(read('')).rejects.toMatchObject({ code: 'DSV_DVC_METADATA_INVALID' })
    }
  }, 60_000)

  it('never throws anything but its own errors for a .dvc file of any text', async () => {
    const words = [
      'outs:',
      '\n',
      '- ',
      '  ',
      'path: ',
      'md5: ',
      'x',
      '../',
      '{',
      '[',
      '&a ',
      '*a',
      '"',
    ]
    await fc.assert(
      fc.asyncProperty(fc.array(fc.constantFrom(...words), { maxLength: 20 }), async (parts) => {
        await registry.commit({ 'x.dvc': parts.join('') })
        const failure: unknown = await read('').catch((error: unknown) => error)
        const isOurs = failure instanceof Object && 'name' in failure && failure.name === 'DsvError'
        const isRead =
          failure instanceof Object && Object.getPrototypeOf(failure) === Object.prototype
        expect(isOurs || isRead).toBe(true)
      }),
      { numRuns: 60 },
    )
  })

  it('reads hashes that look like numbers', async () => {
    const hash = `${'1'.repeat(28)}e123`
    await registry.commit({ 'x.dvc': `outs:\n- md5: ${hash}\n  path: 007\n` })
    const [out] = (await openDvcRegistry(registry.folder, { env })).outs()
    expect(out).toMatchObject({ md5: hash, path: '007' })
  })

  it('refuses a tree of Git whose names leave it', async () => {
    const commit = await registry.commit({ 'a/x': '1' })
    const gitdir = path.join(registry.folder, '.git')
    const { commit: read1 } = await git.readCommit({ fs, gitdir, oid: commit })
    const { tree } = await git.readTree({ fs, gitdir, oid: read1.tree })
    const sub = tree.find((entry) => entry.path === 'a')?.oid ?? ''
    for (const name of ['..', '.', '.git', 'a\\b']) {
      const bytes = Buffer.concat([Buffer.from(`40000 ${name}\0`), Buffer.from(sub, 'hex')])
      const oid = await git.writeObject({
        fs,
        gitdir,
        type: 'tree',
        format: 'content',
        object: bytes,
      })
      const bad = await git.writeCommit({ fs, gitdir, commit: { ...read1, tree: oid } })
      await git.writeRef({ fs, gitdir, ref: 'refs/heads/main', value: bad, force: true })
      await expect(read('')).rejects.toMatchObject({
        code: expect.stringMatching(/^DSV_(PATH_UNSAFE|GIT_FAILED)$/),
      })
    }
  })

  it('ends on a tree of Git that doubles at every level', async () => {
    const commit = await registry.commit({ x: '1' })
    const gitdir = path.join(registry.folder, '.git')
    const { commit: base } = await git.readCommit({ fs, gitdir, oid: commit })
    let { tree: oid } = base
    for (let level = 0; level < 250; level += 1) {
      const entry = { mode: '040000', path: 'a', oid, type: 'tree' as const }
      oid = await git.writeTree({ fs, gitdir, tree: [entry] })
    }
    const bad = await git.writeCommit({ fs, gitdir, commit: { ...base, tree: oid } })
    await git.writeRef({ fs, gitdir, ref: 'refs/heads/main', value: bad, force: true })
    await expect(read('')).rejects.toMatchObject({ code: 'DSV_GIT_FAILED' })
  })
})
