import fs from 'node:fs'
import path from 'node:path'
import { afterEach, describe, expect, it } from '@jest/globals'
import {
  decodeGitLink,
  encodeGitLink,
  type GitLink,
  gitLinkText,
  linkHead,
  mergeGitLinks,
  planGitSync,
  readGitLink,
} from '@dsv/remote'
import { type ObjectId, toObjectId } from '@dsv/store'
import { box, type TinyRepository, tinyRepository } from '../../../core/test/tiny-repository.ts'

const id = (digit: string): ObjectId => toObjectId(digit.repeat(64))
const link = (digit: string, changes: Partial<GitLink> = {}): GitLink => ({
  repository: 's3://bucket/cats',
  commitId: id(digit),
  path: 'data',
  ...changes,
})

describe('the text of a link', () => {
  it('reads back what was written, also with other line ends', () => {
    const text = encodeGitLink(link('a'))
    expect(decodeGitLink(text, 'x')).toEqual(link('a'))
    expect(decodeGitLink(text.replaceAll('\n', '\r\n'), 'x')).toEqual(link('a'))
  })

  const text = encodeGitLink(link('a'))
  it.each([
    ['nothing', ''],
    ['another version', text.replace('dsvlink: 1', 'dsvlink: 2')],
    ['no commit', text.replace(/commit: .*\n/, '')],
    ['a short commit', text.replace('aaaa', 'a')],
    ['a field twice', `${text}path: x\n`],
    ['an unknown field', `${text}run: rm\n`],
    ['a secret', text.replace('s3://', 'https://me:pw@')],
    ['marks of a conflict', text.replace('repository', '<<<<<<< ours\nrepository')],
  ])('with %s is refused', (_, broken) => {
    expect(() => decodeGitLink(broken, 'x')).toThrow(
      expect.objectContaining({ code: 'DSV_GIT_LINK_INVALID' }),
    )
  })

  it('does not lead outside', () => {
    const outside = text.replace('path: data', 'path: ../x')
    expect(() => decodeGitLink(outside, 'x')).toThrow(
      expect.objectContaining({ code: 'DSV_PATH_UNSAFE' }),
    )
  })

  it('is short in a diff', () => {
    expect(gitLinkText(link('a'))).toBe('dataset data\nat aaaaaaaaaaaa\nof s3://bucket/cats\n')
  })
})

describe('merging two versions of a link', () => {
  it('takes the side that moved', () => {
    const moved = { type: 'merged', link: link('b') }
    expect(mergeGitLinks(link('a'), link('b'), link('a'))).toEqual(moved)
    expect(mergeGitLinks(link('a'), link('a'), link('b'))).toEqual(moved)
    expect(mergeGitLinks(undefined, link('b'), link('b'))).toEqual(moved)
  })

  it('names the commits to merge when both moved', () => {
    const theirs = link('c', { repository: 's3://other' })
    expect(mergeGitLinks(link('a'), link('b'), theirs)).toEqual({
      type: 'merge-commits',
      ours: { ...link('b'), repository: 's3://other' },
      theirs,
    })
  })

  it('leaves two new addresses to people', () => {
    const ours = link('b', { repository: 's3://one' })
    const theirs = link('b', { repository: 's3://two' })
    expect(mergeGitLinks(link('a'), ours, theirs).type).toBe('conflict')
  })
})

describe('a link to the present commit', () => {
  let made: TinyRepository | undefined
  afterEach(async () => made?.close())

  it('is written once, and says what to do later', async () => {
    made = await tinyRepository()
    made.item('train/a', [box('cat', 1)])
    const first = await made.commit('first')
    const { repository } = made
    const request = { address: '/shared/cats', path: 'data' }
    const linked = await linkHead(repository, request)
    expect(linked.isNew).toBe(true)
    expect((await linkHead(repository, request)).isNew).toBe(false)
    expect(path.basename(linked.file)).toBe('data.dsvlink')
    expect(fs.existsSync(linked.file)).toBe(true)
    expect(readGitLink(linked.file).commitId).toBe(first)
    expect(await planGitSync(repository, linked.link)).toEqual({ type: 'up-to-date' })
    made.item('train/a', [box('cat', 2)])
    await made.commit('second')
    expect(await planGitSync(repository, linked.link)).toEqual({
      type: 'check-out',
      commitId: first,
    })
    expect(await planGitSync(repository, { ...linked.link, commitId: id('f') })).toEqual({
      type: 'fetch',
      from: '/shared/cats',
      commitId: id('f'),
    })
  })
})
