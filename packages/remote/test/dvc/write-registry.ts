import { createHash } from 'node:crypto'
import fs from 'node:fs'
import path from 'node:path'
import { type GitFiles, writeGit } from './write-git.ts'

/** Releases of DVC that differ in where objects lie and how they are hashed. */
export type Release = 2 | 3

/** A registry that a test writes by hand: Git files, and objects in a folder beside it. */
export interface TestRegistry {
  /** Its working tree; Git's part is in `.git`. */
  readonly folder: string
  /** Where its objects are. */
  readonly remote: string
  /** Stores an object and returns its hash. */
  object(bytes: string | Uint8Array, release?: Release): string
  /** Stores a directory and returns its hash, with `.dir`. */
  directory(files: Readonly<Record<string, string | Uint8Array>>, release?: Release): string
  /** Stores what may be anything as a `.dir` object. */
  rawDirectory(json: string, release?: Release): string
  /** The lines of an output. */
  out(name: string, md5: string, release?: Release, more?: string): string
  commit(files: GitFiles, branch?: string): Promise<string>
}

export function writeRegistry(folder: string): TestRegistry {
  const remote = `${folder}-remote`
  const placed = (name: string, bytes: string | Uint8Array, release: Release): string => {
    const layout = release === 3 ? 'files/md5' : ''
    const file = path.join(remote, layout, name.slice(0, 2), name.slice(2))
    fs.mkdirSync(path.dirname(file), { recursive: true })
    fs.writeFileSync(file, bytes)
    return name
  }
  const object = (bytes: string | Uint8Array, release: Release = 3): string =>
    placed(hashOf(bytes, release), bytes, release)
  const rawDirectory = (json: string, release: Release = 3): string =>
    placed(`${md5(json)}.dir`, json, release)
  return {
    folder,
    remote,
    object,
    rawDirectory,
    directory(files, release = 3) {
      const entries = Object.keys(files)
        .toSorted()
        .map((name) => `{"md5": "${object(files[name] ?? '', release)}", "relpath": "${name}"}`)
      return rawDirectory(`[${entries.join(', ')}]`, release)
    },
    out(name, hash, release = 3, more = '') {
      const marker = release === 3 ? '  hash: md5\n' : ''
      return `outs:\n- md5: ${hash}\n  path: ${name}\n${marker}${more}`
    },
    commit(files, branch = 'main') {
      const config = `[core]\n    remote = store\n['remote "store"']\n    url = ${remote}\n`
      return writeGit(path.join(folder, '.git'), { '.dvc/config': config, ...files }, { branch })
    },
  }
}

export function md5(bytes: string | Uint8Array): string {
  return createHash('md5').update(bytes).digest('hex')
}

/** Short texts only: what is no text by the rules of DVC 2 is written with a zero byte. */
function hashOf(bytes: string | Uint8Array, release: Release): string {
  const buffer = Buffer.from(bytes)
  if (release === 3 || buffer.includes(0)) return md5(buffer)
  return md5(buffer.toString('latin1').replaceAll('\r\n', '\n'))
}
