import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, it } from '@jest/globals'

const BUNDLE = path.join(import.meta.dirname, '../bundle')

/** What is loaded with a chunk of the bundle: sources, and packages that stay outside. */
interface Loaded {
  readonly sources: readonly string[]
  readonly packages: readonly string[]
}

/** Follows what the bundle requires at once, not later (`npm run bundle` makes it). */
function loadedWith(prefix: string): Loaded {
  const entry = readdirSync(BUNDLE).find((file) => file.startsWith(prefix) && file.endsWith('.js'))
  if (entry === undefined) throw new Error(`There is no chunk ${prefix}: run npm run bundle`)
  const [chunks, packages] = [new Set<string>(), new Set<string>()]
  const follow = (chunk: string): void => {
    if (chunks.has(chunk)) return
    chunks.add(chunk)
    const text = readFileSync(path.join(BUNDLE, chunk), 'utf8')
    for (const [, target = ''] of text.matchAll(
      /^(?:var \w+ = (?:__toESM\()?)?require\("([^"]+)"\)/gmu,
    )) {
      if (target.startsWith('./')) follow(target.slice(2))
      else if (!target.startsWith('node:')) packages.add(target)
    }
  }
  follow(entry)
  const sources = [...chunks].flatMap((chunk) => {
    const map: unknown = JSON.parse(readFileSync(path.join(BUNDLE, `${chunk}.map`), 'utf8'))
    return typeof map === 'object' && map !== null && 'sources' in map && Array.isArray(map.sources)
      ? map.sources.map(String)
      : []
  })
  return { sources, packages: [...packages] }
}

/** Packages that only a few commands need. */
const HEAVY = ['sharp', 'onnxruntime-node', 'isomorphic-git', '@aws-sdk/client-s3']

describe('the bundle', () => {
  it('loads the parser of options once, and no command, before a command is known', () => {
    const { sources, packages } = loadedWith('main.js')
    expect(sources.filter((source) => source.endsWith('yargs/index.mjs'))).toHaveLength(1)
    expect(sources.filter((source) => source.includes('/commands/'))).toEqual([])
    expect(sources.filter((source) => source.includes('/string-width/'))).toEqual([])
    expect(packages.filter((name) => HEAVY.includes(name))).toEqual([])
  })

  it.each(['status', 'commit', 'diff', 'log'])('loads no format for dsv %s', (command) => {
    const { sources, packages } = loadedWith(`${command}-`)
    expect(sources.some((source) => source.endsWith(`commands/${command}.ts`))).toBe(true)
    const ofFormats = sources.filter((source) => source.includes('formats/src/'))
    expect(ofFormats.filter((source) => !/\/(?:registry|errors)\.ts$/u.test(source))).toEqual([])
    expect(packages.filter((name) => HEAVY.includes(name))).toEqual([])
  })
})
