import { describe, expect, it } from '@jest/globals'
import { isUrl, overHttps } from '../../src/dvc/open-git-tree.ts'

describe('isUrl', () => {
  it('tells hosts from folders', () => {
    for (const url of ['https://h/a', 'git@h:a/b', 'me@h:a', 'ssh://h/a', 'file:///a']) {
      expect(isUrl(url)).toBe(true)
    }
    for (const folder of ['/a', 'a', '../a@b', 'C:\\a', 'c:/a', './a:b']) {
      expect(isUrl(folder)).toBe(false)
    }
  })
})

describe('overHttps', () => {
  it('writes addresses for ssh as those for https', () => {
    expect(overHttps('git@example.org:a/b.git')).toBe('https://example.org/a/b.git')
    expect(overHttps('ssh://git@example.org/a/b.git')).toBe('https://example.org/a/b.git')
  })

  it('leaves what may be something else', () => {
    for (const address of [
      'https://example.org/a',
      'me@example.org:a',
      'git@example.org:/a',
      'ssh://git@example.org:2222/a',
      'ssh://example.org/a',
      'git@-oProxyCommand=x y:a',
      '/folder',
    ]) {
      expect(overHttps(address)).toBe(address)
    }
  })
})
