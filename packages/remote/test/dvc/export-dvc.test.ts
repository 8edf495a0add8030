import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { exportDvc, type ExportedFile } from '@dsv/remote'
import { md5 } from './write-registry.ts'

let folder: string

beforeEach(() => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'dsv-dvc-export-'))
})
afterEach(() => fs.rmSync(folder, { recursive: true, force: true }))

const at = (...parts: string[]): string => path.join(folder, ...parts)

const namesIn = (root: string): ReadonlySet<string> =>
  new Set(fs.readdirSync(root, { recursive: true, encoding: 'utf8' }))

async function* filesOf(files: Readonly<Record<string, string>>): AsyncGenerator<ExportedFile> {
  for (const [name, bytes] of Object.entries(files)) {
    yield {
      path: name,
      async *open() {
        yield Buffer.from(bytes)
      },
    }
  }
}

describe('exportDvc', () => {
  it('writes objects, directory, pointer and config as DVC 3 does', async () => {
    const files = { b: '2', 'a/é😀': '1', 'a"\u007f\u0001': '' }
    const written = await exportDvc(filesOf(files), folder, { name: 'set/one' })
    const json = `[{"md5": "${md5('')}", "relpath": "a\\"\\u007f\\u0001"}, {"md5": "${md5('1')}", "relpath": "a/\\u00e9\\ud83d\\ude00"}, {"md5": "${md5('2')}", "relpath": "b"}]`
    expect(written).toEqual({
      pointer: 'set/one.dvc',
      md5: `${md5(json)}.dir`,
      fileCount: 3,
      sizeBytes: 2,
    })
    const object = (hash: string): string =>
      at('.dvc/cache/files/md5', hash.slice(0, 2), hash.slice(2))
    expect(fs.readFileSync(object(written.md5), 'utf8')).toBe(json)
    expect(fs.readFileSync(object(md5('2')), 'utf8')).toBe('2')
    expect(fs.readFileSync(at('set/one.dvc'), 'utf8')).toBe(
      `outs:\n- md5: ${written.md5}\n  size: 2\n  nfiles: 3\n  hash: md5\n  path: one\n`,
    )
    expect(fs.readFileSync(at('set/.gitignore'), 'utf8')).toBe('/one\n')
    expect(fs.readFileSync(at('.dvc/config'), 'utf8')).toBe('')
  })

  it('sorts as Python does, by code points', async () => {
    const { md5: actual } = await exportDvc(filesOf({ '\uffff': '', '😀': '' }), folder, {
      name: 'x',
    })
    const entry = (name: string): string => `{"md5": "${md5('')}", "relpath": "${name}"}`
    expect(actual).toBe(`${md5(`[${entry('\\uffff')}, ${entry('\\ud83d\\ude00')}]`)}.dir`)
  })

  it('changes nothing when it runs again, and replaces nothing that differs', async () => {
    await exportDvc(filesOf({ a: '1' }), folder, { name: 'x' })
    const before = namesIn(folder)
    await exportDvc(filesOf({ a: '1' }), folder, { name: 'x' })
    expect(namesIn(folder)).toEqual(before)
    const pointer = fs.readFileSync(at('x.dvc'), 'utf8')
    await expect(exportDvc(filesOf({ a: '2' }), folder, { name: 'x' })).rejects.toMatchObject({
      code: 'DSV_DVC_EXPORT_BLOCKED',
    })
    expect(fs.readFileSync(at('x.dvc'), 'utf8')).toBe(pointer)
  })

  it('refuses to build on an object that is damaged', async () => {
    await exportDvc(filesOf({ a: '1' }), folder, { name: 'x' })
    const object = at('.dvc/cache/files/md5', md5('1').slice(0, 2), md5('1').slice(2))
    fs.chmodSync(object, 0o644)
    fs.writeFileSync(object, 'damaged')
    await expect(exportDvc(filesOf({ b: '1' }), folder, { name: 'y' })).rejects.toMatchObject({
      code: 'DSV_DVC_EXPORT_BLOCKED',
    })
    expect(fs.existsSync(at('y.dvc'))).toBe(false)
  })

  it('leaves no half object when reading fails', async () => {
    async function* failing(): AsyncGenerator<ExportedFile> {
      yield {
        path: 'a',
        async *open() {
          yield Buffer.from('half')
          throw new Error('broken')
        },
      }
    }
    await expect(exportDvc(failing(), folder, { name: 'x' })).rejects.toThrow('broken')
    expect(fs.readdirSync(at('.dvc/cache'))).toEqual([])
  })

  it('refuses names and paths that leave the folder', async () => {
    for (const name of ['../x', '/x', '.git/x', '']) {
      await expect(exportDvc(filesOf({ a: '1' }), folder, { name })).rejects.toMatchObject({
        code: 'DSV_PATH_UNSAFE',
      })
    }
    await expect(exportDvc(filesOf({ '../a': '1' }), folder, { name: 'x' })).rejects.toMatchObject({
      code: 'DSV_PATH_UNSAFE',
    })
  })

  it('names a folder elsewhere as the default remote', async () => {
    await exportDvc(filesOf({ a: '1' }), at('out'), { name: 'x', remote: at('the store') })
    expect(fs.readFileSync(at('out/.dvc/config'), 'utf8')).toBe(
      `[core]\n    remote = dsv\n['remote "dsv"']\n    url = "../../the store"\n`,
    )
    expect(fs.existsSync(at('the store/files/md5', md5('1').slice(0, 2)))).toBe(true)
    await expect(
      exportDvc(filesOf({ a: '1' }), at('out'), { name: 'y', remote: at('other') }),
    ).rejects.toMatchObject({ code: 'DSV_DVC_EXPORT_BLOCKED' })
  })
})
