import { mkdirSync, mkdtempSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { workingTreeReader } from '@dsv/pipeline'

let base: string
let root: string

beforeEach(() => {
  base = mkdtempSync(path.join(tmpdir(), 'dsv-reader-test-'))
  root = path.join(base, 'root')
})

afterEach(() => {
  rmSync(base, { recursive: true, force: true })
})

function write(file: string, text = ''): void {
  const place = path.join(root, file)
  mkdirSync(path.dirname(place), { recursive: true })
  writeFileSync(place, text)
}

async function readText(file: string): Promise<string | undefined> {
  const bytes = await workingTreeReader(root).read(file)
  return bytes && new TextDecoder().decode(bytes)
}

describe('workingTreeReader', () => {
  it('lists pipeline files, but for ignored ones and those of repositories', async () => {
    for (const file of ['dsv.yaml', 'a/b/dvc.yaml', 'a/dvc.yml', 'a/x.dvc.yaml']) write(file)
    for (const file of ['.dsv/tmp/dvc.yaml', '.git/dvc.yaml', 'cache/dvc.yaml', 'c/dvc.yaml'])
      write(file)
    write('.dsvignore', 'cache/\n/c/dvc.yaml\n')
    mkdirSync(path.join(root, 'folder/dvc.yaml'), { recursive: true })
    expect((await workingTreeReader(root).list()).toSorted()).toEqual(['a/b/dvc.yaml', 'dsv.yaml'])
  })

  it('follows links to files inside, and none that lead out or to folders', async () => {
    write('real/params.yaml', 'in')
    write('dvc.yaml', '')
    writeFileSync(path.join(base, 'secret.yaml'), 'out')
    mkdirSync(path.join(base, 'other'))
    writeFileSync(path.join(base, 'other/dvc.yaml'), 'out')
    symlinkSync('real/params.yaml', path.join(root, 'params.yaml'))
    symlinkSync('../secret.yaml', path.join(root, 'leak.yaml'))
    symlinkSync('../other', path.join(root, 'other'))
    symlinkSync('loop', path.join(root, 'loop'))
    expect(await readText('params.yaml')).toBe('in')
    for (const file of [
      'leak.yaml',
      'other/dvc.yaml',
      'loop',
      'none',
      'real',
      'dvc.yaml/x',
      '../secret.yaml',
    ])
      expect(await readText(file)).toBeUndefined()
    expect(await workingTreeReader(root).list()).toEqual(['dvc.yaml'])
  })

  it('does not read a file that is too large', async () => {
    write('big.csv')
    truncateSync(path.join(root, 'big.csv'), 2 ** 27)
    await expect(readText('big.csv')).rejects.toMatchObject({
      code: 'DSV_PIPELINE_FILE_UNREADABLE',
      message: 'big.csv is larger than 64 MB.',
    })
  })

  it('lists what lies below a folder', async () => {
    for (const file of ['p/b.csv', 'p/a/c.csv', 'pq/d.csv', 'p.csv']) write(file)
    expect(await workingTreeReader(root).listBelow('p')).toEqual(['p/a/c.csv', 'p/b.csv'])
    expect(await workingTreeReader(root).listBelow('p.csv')).toEqual([])
    expect(await workingTreeReader(root).listBelow('none')).toEqual([])
  })
})
