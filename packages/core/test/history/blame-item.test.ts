import { describe, expect, it } from '@jest/globals'
import { type Annotation, type AnnotationCommon, blameItem } from '@dsv/core'
import type { ObjectId } from '@dsv/store'
import { graph, id, nameOf } from './commit-graph.ts'

const KEY = { subset: 'train', id: 'x' }

function label(uid: string, category: string, more: AnnotationCommon = {}): Annotation {
  return { uid, category, type: 'label', ...more }
}

/** Blames `tip` in a history of one item; returns `uid commit change`, and which commits were opened. */
async function blamed(
  lines: readonly string[],
  versions: Readonly<Record<string, readonly Annotation[] | undefined>>,
  tip: string,
): Promise<{ readonly lines: readonly string[]; readonly opened: readonly string[] }> {
  const opened: string[] = []
  const reader = {
    commit: graph(...lines).commit,
    entryDigestAt: (commitId: ObjectId) => {
      const version = versions[nameOf(commitId)]
      return Promise.resolve(version && JSON.stringify(version))
    },
    annotationsAt: (commitId: ObjectId) => {
      const name = nameOf(commitId)
      opened.push(name)
      return Promise.resolve(versions[name])
    },
  }
  const blames = await blameItem(reader, id(tip), KEY)
  return {
    lines: blames.map(
      ({ annotation, commitId, change }) => `${annotation.uid} ${nameOf(commitId)} ${change}`,
    ),
    opened,
  }
}

describe('blameItem', () => {
  it('names the commit that gave each annotation its form', async () => {
    const a = [label('1', 'cat'), label('2', 'dog')]
    const c = [label('1', 'cat'), label('2', 'wolf'), label('3', 'cow')]
    const { lines } = await blamed(
      ['o:', 'a: o', 'b: a', 'c: b', 'd: c'],
      { a, b: a, c, d: c },
      'd',
    )
    expect(lines).toEqual(['1 a added', '2 c changed', '3 c added'])
  })

  it('does not open the record of commits that did not change it', async () => {
    const a = [label('1', 'cat')]
    const { opened } = await blamed(['a:', 'b: a', 'c: b'], { a, b: a, c: a }, 'c')
    expect(opened).toEqual(['c'])
  })

  it('follows each annotation of a merge to the side that it came from', async () => {
    const base = [label('1', 'cat')]
    const left = [label('1', 'cat'), label('2', 'dog')]
    const right = [label('1', 'lynx')]
    const merged = [label('1', 'lynx'), label('2', 'dog'), label('3', 'cow')]
    const { lines } = await blamed(
      ['a:', 'l: a', 'r: a', 'm: l r'],
      { a: base, l: left, r: right, m: merged },
      'm',
    )
    expect(lines).toEqual(['1 r changed', '2 l added', '3 m added'])
  })

  it('follows equal content under another uid, without taking the place of a twin', async () => {
    const a = [label('1', 'cat'), label('2', 'cat')]
    const b = [label('9', 'cat'), label('2', 'cat'), label('8', 'cat')]
    const { lines } = await blamed(['a:', 'b: a'], { a, b }, 'b')
    expect(lines).toEqual(['9 a added', '2 a added', '8 b added'])
  })

  it('does not mind the order of fields', async () => {
    const a = [label('1', 'cat', { attributes: { x: 1, y: 2 } })]
    const b = [label('1', 'cat', { attributes: { y: 2, x: 1 } })]
    const { lines } = await blamed(['a:', 'b: a'], { a, b }, 'b')
    expect(lines).toEqual(['1 a added'])
  })

  it('finds nothing where the commit lacks the item', async () => {
    expect((await blamed(['a:'], {}, 'a')).lines).toEqual([])
  })
})
