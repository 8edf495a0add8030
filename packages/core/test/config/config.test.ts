import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import {
  CONFIG_KEYS,
  type ConfigFiles,
  type ConfigKeys,
  getConfig,
  isDsvError,
  listConfig,
  localConfigFile,
  setConfig,
  unsetConfig,
} from '@dsv/core'
import fc from 'fast-check'

let folder = ''
let files: Required<ConfigFiles>

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'dsv-config-'))
  files = { local: localConfigFile(folder), user: path.join(folder, 'home', 'config.json') }
})

afterEach(() => rmSync(folder, { recursive: true, force: true }))

function write(file: string, text: string): void {
  mkdirSync(path.dirname(file), { recursive: true })
  writeFileSync(file, text)
}

function failure(work: () => unknown): unknown {
  try {
    work()
  } catch (error) {
    return error
  }
  return undefined
}

describe('getConfig', () => {
  it('takes the repository before the user before the default, and says which', () => {
    expect(getConfig(files, 'checkout.link')).toEqual({
      key: 'checkout.link',
      value: 'copy',
      origin: 'default',
      file: undefined,
    })
    expect(getConfig(files, 'user.name')).toBeUndefined()
    setConfig(files.user, 'user.name', 'Ada')
    expect(getConfig(files, 'user.name')).toMatchObject({ value: 'Ada', origin: 'user' })
    setConfig(files.local, 'user.name', 'Grace')
    expect(getConfig(files, 'user.name')).toEqual({
      key: 'user.name',
      value: 'Grace',
      origin: 'local',
      file: path.join(folder, '.dsv', 'local', 'config.json'),
    })
    expect(getConfig({ user: files.user }, 'user.name')).toMatchObject({ value: 'Ada' })
  })

  it('says what may be meant by a name that there is not', () => {
    expect(failure(() => getConfig(files, 'checkout.lnik'))).toMatchObject({
      code: 'DSV_CONFIG_KEY_UNKNOWN',
      hint: 'Did you mean checkout.link?',
    })
    for (const key of ['', '.', 'user', '__proto__.polluted', 'constructor.name'])
      expect(failure(() => getConfig(files, key))).toMatchObject({
        code: 'DSV_CONFIG_KEY_UNKNOWN',
      })
  })

  it('names the file and the place of what is wrong in it', () => {
    write(files.user, '{\n  "user": {\n    "name": }\n}')
    expect(failure(() => getConfig(files, 'user.name'))).toMatchObject({
      code: 'DSV_CONFIG_INVALID',
      details: { file: files.user, place: 'line 3' },
    })
    write(files.user, '{"a": {\n}\n')
    expect(failure(() => getConfig(files, 'user.name'))).toMatchObject({
      details: { place: 'line 3' },
    })
    write(files.user, '{"checkout": {"link": "symlink"}}')
    expect(failure(() => getConfig(files, 'checkout.link'))).toMatchObject({
      code: 'DSV_CONFIG_INVALID',
      message: `${files.user}: checkout.link is none of copy, hardlink.`,
    })
    write(files.user, '{"user": "Ada"}')
    expect(failure(() => getConfig(files, 'user.name'))).toMatchObject({
      details: { file: files.user, place: 'user' },
    })
  })

  it('reads any file or fails with its own error', () => {
    const samples = ['{"user":{"__proto__":{"name":1}}}', '['.repeat(100_000), '{"a":'.repeat(9999)]
    const text = fc.oneof(fc.string(), fc.json(), fc.constantFrom(...samples))
    fc.assert(
      fc.property(text, (content) => {
        write(files.user, content)
        const error = failure(() => listConfig(files))
        expect(error === undefined || isDsvError(error)).toBe(true)
      }),
      { numRuns: 200 },
    )
  })
})

describe('settings with names of their own', () => {
  const keys: ConfigKeys = new Map([
    ...CONFIG_KEYS,
    ['check.blur.most', { key: 'check.blur.most', about: '', type: 'number', range: [0, 1] }],
  ])

  it('are known where they are handed over', () => {
    expect(setConfig(files.local, 'check.blur.most', ' 0.25 ', keys)).toBe(0.25)
    expect(getConfig(files, 'check.blur.most', keys)).toMatchObject({ value: 0.25 })
    expect(listConfig({ local: files.local }, keys)).toContainEqual(
      expect.objectContaining({ key: 'check.blur.most', origin: 'local' }),
    )
    expect(failure(() => getConfig(files, 'check.blur.most'))).toMatchObject({
      code: 'DSV_CONFIG_KEY_UNKNOWN',
    })
    for (const text of ['2', '-0.1', 'NaN', '1e-3', ''])
      expect(failure(() => setConfig(files.local, 'check.blur.most', text, keys))).toMatchObject({
        code: 'DSV_CONFIG_INVALID',
      })
    expect(unsetConfig(files.local, 'check.blur.most', keys)).toBe(true)
  })
})

describe('setConfig and unsetConfig', () => {
  it('leave alone what they do not know', () => {
    write(files.user, '{"future": {"flag": [1]}, "user": {"name": "Ada", "pronoun": "she"}}')
    setConfig(files.user, 'user.name', 'Grace')
    setConfig(files.user, 'core.workers', '4')
    expect(JSON.parse(readFileSync(files.user, 'utf8'))).toEqual({
      future: { flag: [1] },
      user: { name: 'Grace', pronoun: 'she' },
      core: { workers: 4 },
    })
    expect(unsetConfig(files.user, 'core.workers')).toBe(true)
    expect(unsetConfig(files.user, 'core.workers')).toBe(false)
    expect(JSON.parse(readFileSync(files.user, 'utf8'))).toEqual({
      future: { flag: [1] },
      user: { name: 'Grace', pronoun: 'she' },
    })
  })

  it('refuse a value that the setting cannot have, and write nothing', () => {
    for (const [key, value] of [
      ['checkout.link', 'symlink'],
      ['core.workers', 'many'],
      ['core.workers', '65'],
      ['core.workers', '-1'],
      ['core.progress', 'maybe'],
      ['user.name', 'Ada\nX-Evil: 1'],
    ] as const)
      expect(failure(() => setConfig(files.local, key, value))).toMatchObject({
        code: 'DSV_CONFIG_INVALID',
      })
    expect(existsSync(files.local)).toBe(false)
  })

  it('write beside the file and leave its permissions and nothing else behind', () => {
    setConfig(files.user, 'user.name', 'Ada')
    chmodSync(files.user, 0o600)
    setConfig(files.user, 'core.progress', 'off')
    expect(getConfig(files, 'core.progress')?.value).toBe(false)
    expect(statSync(files.user).mode & 0o777).toBe(0o600)
    expect(readdirSync(path.dirname(files.user))).toEqual(['config.json'])
  })
})

describe('listConfig', () => {
  it('lists every setting that has a value', () => {
    setConfig(files.user, 'user.email', 'ada@example.org')
    const listed = listConfig(files)
    expect(listed.map(({ key }) => key)).toEqual(
      [...CONFIG_KEYS.values()]
        .filter((key) => key.default !== undefined || key.key === 'user.email')
        .map(({ key }) => key),
    )
  })
})
