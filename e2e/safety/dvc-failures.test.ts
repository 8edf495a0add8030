import {
  chmodSync,
  mkdirSync,
  readdirSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import path from 'node:path'
import { setTimeout } from 'node:timers/promises'
import {
  add,
  commit,
  isClean,
  merge,
  Repository,
  resolve,
  restore,
  stashApply,
  stashPush,
  status,
  switchTo,
  undo,
} from '@dsv/core'
import { checkStore, collectGarbage } from '@dsv/store'
import { describe, expect, it } from '@jest/globals'
import { sampleDataset } from './sample-datasets.ts'
import { checkOutElsewhere, openWorkspace, testEnvironment, type Workspace } from './workspace.ts'

/** The stored file of a blob that is too large for a pack. */
function storedBlobs(workspace: Workspace): readonly string[] {
  const folder = workspace.at('.dsv/objects/blob')
  return readdirSync(folder).flatMap((part) =>
    readdirSync(path.join(folder, part)).map((name) => path.join(folder, part, name)),
  )
}

/** Condemns what nothing refers to and deletes it without any grace. */
async function collectAll({ repository }: Workspace): Promise<void> {
  for (let round = 0; round < 2; round++) await collectGarbage(repository.store, { graceMs: 0 })
}

describe('where DVC 3.64 loses or trusts too much', () => {
  it('F2: does not trust a stored blob that was damaged, and writes nothing of it', async () => {
    await using workspace = await openWorkspace()
    const { repository } = workspace
    workspace.write('large.bin', Buffer.alloc(200_000, 'good'))
    await workspace.save('large')
    await workspace.go('next', true)
    rmSync(workspace.at('large.bin'))
    workspace.write('other.txt', 'other')
    await workspace.save('without')
    const [blob = ''] = storedBlobs(workspace)
    chmodSync(blob, 0o644)
    writeFileSync(blob, Buffer.alloc(200_000, 'evil'))
    chmodSync(blob, 0o444)
    const before = workspace.tree()

    await expect(workspace.go('main')).rejects.toMatchObject({ code: 'DSV_OBJECT_CORRUPT' })

    expect(workspace.tree()).toEqual(before)
    expect(isClean(await workspace.status())).toBe(true)
    const findings = []
    for await (const finding of checkStore(repository.store, { level: 4 })) findings.push(finding)
    expect(findings).not.toEqual([])

    // Adding a file with these bytes heals the store.
    workspace.write('again.bin', Buffer.alloc(200_000, 'good'))
    await workspace.save('again')
    const tree = await checkOutElsewhere(workspace, 'main').catch(() => undefined)
    expect([undefined, workspace.tree()['again.bin']]).toContain(tree?.['large.bin'])
  })

  it('F4: sees an edit of the same size with the old mtime', async () => {
    // The whole story is in status.test.ts; this is the shortest form of it.
    await using workspace = await openWorkspace()
    workspace.write('a', 'one')
    utimesSync(workspace.at('a'), 1_000_000_000, 1_000_000_000)
    // The stat cache trusts a stat only when it is two seconds old.
    await setTimeout(2_100)
    await workspace.save('one')
    await workspace.status()
    workspace.write('a', 'two')
    utimesSync(workspace.at('a'), 1_000_000_000, 1_000_000_000)
    const { unstaged } = await workspace.status()
    expect(unstaged).toMatchObject([{ path: 'a', change: 'modified' }])
  })

  it('F7: keeps what is put away through a collection of garbage', async () => {
    await using workspace = await openWorkspace()
    const { repository } = workspace
    workspace.write('a.bin', Buffer.alloc(100_000, 'first'))
    await workspace.save('first')
    workspace.write('a.bin', Buffer.alloc(100_000, 'second'))
    workspace.write('small', 'staged')
    await add(repository, { paths: [''] })
    const tree = workspace.tree()
    await stashPush(repository)

    await collectAll(workspace)
    await stashApply(repository, { drop: true })

    expect(workspace.tree()).toEqual(tree)
  })

  it('F8: keeps every branch, tag, stage and detached HEAD through a collection', async () => {
    await using workspace = await openWorkspace()
    const { repository } = workspace
    workspace.write('a.bin', Buffer.alloc(100_000, 'main'))
    await workspace.save('main')
    const main = workspace.tree()
    await workspace.go('other', true)
    workspace.write('a.bin', Buffer.alloc(100_000, 'other'))
    await workspace.save('other')
    const other = workspace.tree()
    await switchTo(repository, { target: 'main', detach: true })
    workspace.write('a.bin', Buffer.alloc(100_000, 'detached'))
    await workspace.save('detached')
    workspace.write('staged.bin', Buffer.alloc(100_000, 'staged'))
    await add(repository, { paths: ['staged.bin'] })
    const detached = workspace.tree()

    await collectAll(workspace)

    rmSync(workspace.at('a.bin'))
    rmSync(workspace.at('staged.bin'))
    await switchTo(repository, { target: 'HEAD', detach: true, force: true })
    await undo(repository)
    await restore(repository, { paths: [''] })
    expect(workspace.tree()).toEqual(detached)
    await commit(repository, { message: 'staged' })
    await workspace.go('other')
    expect(workspace.tree()).toEqual(other)
    await workspace.go('main')
    expect(workspace.tree()).toEqual(main)
  })

  it('F9: lets readers go on and writers queue', async () => {
    await using workspace = await openWorkspace()
    workspace.write('base', 'base')
    await workspace.save('base')
    const open = async (): Promise<Repository> =>
      Repository.open(workspace.folder, testEnvironment())
    const writers = await Promise.all([open(), open(), open()])
    const readers = await Promise.all([open(), open()])
    const names = Array.from({ length: 4 }, (_, at) => at)
    for (const [writer] of writers.entries())
      for (const name of names) workspace.write(`w${writer}-${name}`, `${writer} ${name}`)

    await Promise.all([
      ...writers.map(async (repository, writer) => {
        for (const name of names) await add(repository, { paths: [`w${writer}-${name}`] })
      }),
      ...readers.map(async (repository) => {
        for (let round = 0; round < 5; round++) await status(repository)
      }),
    ])

    expect(isClean({ ...(await workspace.status()), staged: { files: [], datasets: [] } })).toBe(
      true,
    )
    const { stage } = (await workspace.repository.state()).work
    expect(stage.files.count).toBe(1 + writers.length * names.length)
    for (const each of [...writers, ...readers]) await each.close()
  })

  it('F10: merges two edits of one annotation file, and shows a conflict as one', async () => {
    await using workspace = await openWorkspace()
    const { repository } = workspace
    for (const [file, content] of Object.entries(sampleDataset('voc')))
      workspace.write(`data/${file}`, content)
    await add(repository, { paths: ['data'], format: 'voc' })
    await workspace.save('base')
    const file = 'data/Annotations/a b.xml'
    const edit = (from: string, to: string): void =>
      workspace.write(file, workspace.read(file).replace(from, to))
    await workspace.go('other', true)
    edit('<name>cat<', '<name>dog<')
    await workspace.save('relabel')
    await workspace.go('main')
    edit('<xmin>6<', '<xmin>7<')
    await workspace.save('move')

    expect(await merge(repository, { revision: 'other' })).toMatchObject({ type: 'merged' })
    expect(workspace.read(file)).toContain('<name>dog<')
    expect(workspace.read(file)).toContain('<xmin>7<')

    await workspace.go('other')
    edit('<name>dog<', '<name>wolf<')
    await workspace.save('wolf')
    await workspace.go('main')
    edit('<name>dog<', '<name>fox<')
    await workspace.save('fox')
    expect(await merge(repository, { revision: 'other' })).toMatchObject({ type: 'conflicts' })
    expect(isClean(await workspace.status())).toBe(false)
    expect((await workspace.status()).conflicts).toHaveLength(1)
    await expect(commit(repository, { message: 'too early' })).rejects.toMatchObject({
      code: 'DSV_CONFLICTS_OPEN',
    })
    await resolve(repository, { choice: 'theirs' })
    await commit(repository, { message: 'merged' })
    expect(workspace.read(file)).toContain('<name>wolf<')
    expect(isClean(await workspace.status())).toBe(true)
  })

  it('F11: merges the deletion of one file on both sides', async () => {
    await using workspace = await openWorkspace()
    const { repository } = workspace
    for (const [file, content] of Object.entries(sampleDataset('voc')))
      workspace.write(`data/${file}`, content)
    workspace.write('plain.txt', 'plain')
    await add(repository, { paths: ['data'], format: 'voc' })
    await workspace.save('base')
    for (const branch of ['other', 'main']) {
      await workspace.go(branch, branch === 'other')
      workspace.remove('plain.txt')
      workspace.remove('data/Annotations/a b.xml')
      workspace.remove('data/JPEGImages/a b.png')
      workspace.write('data/ImageSets/Main/train.txt', 'größe\r\n')
      workspace.write(`${branch}.txt`, branch)
      await workspace.save(branch)
    }

    const outcome = await merge(repository, { revision: 'other' })

    expect(outcome).toMatchObject({ type: 'merged', conflicts: [] })
    expect(Object.keys(workspace.tree())).toEqual([
      'data/Annotations/größe.xml',
      'data/ImageSets/Main/train.txt',
      'data/JPEGImages/größe.png',
      'main.txt',
      'other.txt',
    ])
    expect(isClean(await workspace.status())).toBe(true)
  })

  it('F12: keeps empty folders, bits and inner links, and follows no link out of the tree', async () => {
    await using workspace = await openWorkspace()
    mkdirSync(workspace.at('data/empty'), { recursive: true })
    workspace.write('data/run.sh', '#!/bin/sh\n', 0o755)
    symlinkSync('run.sh', workspace.at('data/inner'))
    symlinkSync('missing', workspace.at('data/broken'))
    const tree = workspace.tree()
    await workspace.save('oddities')
    expect(await checkOutElsewhere(workspace, 'main')).toEqual(tree)

    symlinkSync('/etc/hostname', workspace.at('data/leak'))
    await expect(add(workspace.repository, { paths: [''] })).rejects.toMatchObject({
      code: 'DSV_LINK_LEAVES_TREE',
      details: { path: 'data/leak' },
    })
  })
})
