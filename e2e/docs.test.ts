import { execFileSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, it } from '@jest/globals'

const ROOT = path.join(import.meta.dirname, '..')

const errorsPage = readText('docs/errors.md')
const documentedCodes = [...errorsPage.matchAll(/^## (DSV_[A-Z0-9_]+)$/gm)].map(codeOf)
const sources = listFiles('packages')
  .filter((file) => /^packages\/[^/]+\/src\/.*\.ts$/.test(file))
  .map((file) => ({ file, text: readText(file) }))

describe('docs/errors.md', () => {
  it('is what scripts/write-error-docs.mjs makes of the sources', () => {
    expect(errorsPage).toBe(runScript('scripts/write-error-docs.mjs', '--print'))
  })

  it('has every code that a DsvError is made with', () => {
    const used = sources.flatMap(({ text }) =>
      [...text.matchAll(/new DsvError\(\s*'(DSV_[A-Z0-9_]+)'/g)].map(codeOf),
    )
    expect(used.length).toBeGreaterThan(50)
    expect([...new Set(used)].filter((code) => !documentedCodes.includes(code))).toEqual([])
  })

  it('has no code whose function nobody calls', () => {
    const unused = sources
      .filter(({ file }) => file.endsWith('/src/errors.ts'))
      .flatMap(({ file, text }) => functionsIn(text).map((name) => ({ file, name })))
      .filter(({ file, name }) => !isCalledBeside(file, name))
    expect(unused).toEqual([])
  })

  it('has every code that TSDoc promises', () => {
    const promised = sources.flatMap(({ file, text }) =>
      [...text.matchAll(/@throws([^@]*?)\*\//g)]
        .flatMap((match) => codeOf(match).match(/DSV_[A-Z0-9_]+/g) ?? [])
        .map((code) => ({ file, code })),
    )
    expect(promised.length).toBeGreaterThan(50)
    expect(promised.filter(({ code }) => !documentedCodes.includes(code))).toEqual([])
  })
})

describe('docs/checks.md', () => {
  it('is what scripts/write-check-docs.mjs makes of the registry of checks', () => {
    expect(readText('docs/checks.md')).toBe(runScript('scripts/write-check-docs.mjs', '--print'))
  })
})

describe('docs/commands.md', () => {
  it('is what scripts/write-command-docs.mjs makes of the help of all commands', () => {
    expect(readText('docs/commands.md')).toBe(
      runScript('scripts/write-command-docs.mjs', '--print'),
    )
  }, 60_000)
})

describe('e2e/interop/datumaro-formats.json', () => {
  it('has a line for each entry, and entries of formats that there are', () => {
    const text = readText('e2e/interop/datumaro-formats.json')
    const entries: Readonly<Record<string, unknown>> = JSON.parse(text)
    const lines = text.split('\n').filter((line) => line.startsWith('  "'))
    expect(lines).toHaveLength(Object.keys(entries).length)
    for (const [name, entry] of Object.entries(entries)) {
      expect(existsSync(path.join(ROOT, 'packages/formats/src', name.replace(/:.*/, '')))).toBe(
        true,
      )
      expect(entry).toMatchObject({ datumaro: expect.any(String), types: expect.any(Array) })
    }
  })
})

describe('links between pages', () => {
  it('lead to files that exist, and to headings that exist', () => {
    const pages = listFiles('.').filter((file) => file.endsWith('.md'))
    expect(pages.length).toBeGreaterThan(10)
    expect(pages.flatMap(brokenLinks)).toEqual([])
  })
})

describe('README.md', () => {
  it('has at most 250 lines', () => {
    expect(readText('README.md').split('\n').length).toBeLessThanOrEqual(251)
  })

  it('names every command and every format', () => {
    const readme = readText('README.md')
    const overview = runScript('packages/cli/bin/dsv.js', '--help')
    const commands = [...overview.matchAll(/^ {2}([a-z-]+) {2,}/gm)].map(codeOf)
    const list = runScript('packages/cli/bin/dsv.js', 'formats')
    const formats = [...list.matchAll(/^([a-z0-9-]+) /gm)].map(codeOf)
    expect(commands.length).toBeGreaterThan(20)
    expect(formats.length).toBeGreaterThan(3)
    expect([...commands, ...formats].filter((name) => !readme.includes(`\`${name}\``))).toEqual([])
  })
})

function codeOf(match: RegExpMatchArray): string {
  return match[1] ?? ''
}

function functionsIn(text: string): string[] {
  return [...text.matchAll(/^export function (\w+)/gm)].map(codeOf)
}

/** Whether a source of the same package, or of one that imports it by name, calls the function. */
function isCalledBeside(file: string, name: string): boolean {
  const call = new RegExp(`\\b${name}\\b`)
  return sources.some(
    (source) =>
      source.file !== file && !source.file.endsWith('/src/index.ts') && call.test(source.text),
  )
}

function brokenLinks(page: string): string[] {
  const text = readText(page).replaceAll(/^```[\s\S]*?^```|`[^`\n]*`/gm, '')
  const links = [...text.matchAll(/\]\(([^)\s]+)\)/g)].map(codeOf)
  return links.filter((link) => isBroken(page, link)).map((link) => `${page}: ${link}`)
}

function isBroken(page: string, link: string): boolean {
  if (/^[a-z]+:/.test(link)) return false
  const [target = '', heading] = link.split('#')
  const file = target === '' ? page : path.join(path.dirname(page), decodeURIComponent(target))
  if (file.startsWith('..') || !existsSync(path.join(ROOT, file))) return true
  if (heading === undefined || !file.endsWith('.md')) return false
  return !headingsOf(readText(file)).includes(heading)
}

/** The names of headings as GitHub makes them. */
function headingsOf(text: string): string[] {
  return [...text.matchAll(/^#+ (.*)$/gm)].map((match) =>
    codeOf(match)
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
      .replaceAll(' ', '-'),
  )
}

function listFiles(folder: string): string[] {
  const ignored = new Set(['node_modules', 'dist', 'bundle', 'coverage', '.git', '.venv', 'api'])
  return readdirSync(path.join(ROOT, folder)).flatMap((name) => {
    const file = path.join(folder, name)
    if (ignored.has(name)) return []
    return statSync(path.join(ROOT, file)).isDirectory() ? listFiles(file) : [file]
  })
}

function readText(file: string): string {
  return readFileSync(path.join(ROOT, file), 'utf8')
}

function runScript(...args: readonly string[]): string {
  return execFileSync(process.execPath, [...args], { cwd: ROOT, encoding: 'utf8' })
}
