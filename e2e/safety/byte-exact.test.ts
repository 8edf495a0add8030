import { rmSync, symlinkSync } from 'node:fs'
import { add, commit, isClean, restore, status, switchTo } from '@dsv/core'
import { describe, expect, it } from '@jest/globals'
import { sampleDataset, SAMPLE_FORMATS } from './sample-datasets.ts'
import { checkOutElsewhere, openWorkspace, type Workspace } from './workspace.ts'

/** Puts what no adapter claims into the folder of a dataset: everything that a file system can hold. */
function putOddities(workspace: Workspace, root: string): void {
  workspace.write(`${root}/notes with spaces.md`, 'one\r\ntwo\nthree\r')
  workspace.write(`${root}/cafe\u0301.dat`, 'decomposed')
  workspace.write(`${root}/caf\u00e9.dat`, 'composed')
  workspace.write(`${root}/\u{1f6b2} bicycle.bin`, Buffer.from([0, 255, 13, 10, 0]))
  workspace.write(`${root}/\uff5e tilde.bin`, '')
  workspace.write(`${root}/Case.md`, 'upper')
  workspace.write(`${root}/case.md`, 'lower')
  workspace.write(`${root}/tools/run.sh`, '#!/bin/sh\r\nexit 0\n', 0o755)
  workspace.write(`${root}/-rf`, 'a name like an option')
  workspace.write(`${root}/line\nbreak`, 'a name of two lines')
  workspace.write(`${root}/large.bin`, Buffer.alloc(300_000, 'abcdefg'))
  workspace.write(`${root}/.hidden/x`, 'hidden')
  workspace.write(`${root}/empty/gone`, '')
  workspace.remove(`${root}/empty/gone`)
  workspace.write(`${root}/nest/a/b/gone`, '')
  workspace.remove(`${root}/nest/a/b/gone`)
  symlinkSync('../tools/run.sh', workspace.at(`${root}/.hidden/link`))
  symlinkSync('nowhere', workspace.at(`${root}/dangling`))
  symlinkSync('tools', workspace.at(`${root}/link to folder`))
}

describe.each(SAMPLE_FORMATS)('a commit of a dataset in %s', (format) => {
  it('comes back with the same bytes, names, bits and links', async () => {
    await using workspace = await openWorkspace()
    const { repository } = workspace
    for (const [file, content] of Object.entries(sampleDataset(format)))
      workspace.write(`data/${file}`, content)
    putOddities(workspace, 'data')
    const tree = workspace.tree()
    const added = await add(repository, { paths: ['data'], format })
    await commit(repository, { message: 'first' })

    expect(added.datasets).toMatchObject([{ path: 'data', format, problems: [] }])
    expect(workspace.tree()).toEqual(tree)
    expect(isClean(await status(repository))).toBe(true)
    expect(await checkOutElsewhere(workspace, 'main')).toEqual(tree)

    rmSync(workspace.at('data'), { recursive: true })
    await restore(repository, { paths: [''] })
    expect(workspace.tree()).toEqual(tree)
    expect(isClean(await status(repository))).toBe(true)
  })

  it('comes back after a switch to a commit without it, and back', async () => {
    await using workspace = await openWorkspace()
    const { repository } = workspace
    workspace.write('README.md', 'first\n')
    await workspace.save('readme')
    await workspace.go('data', true)
    for (const [file, content] of Object.entries(sampleDataset(format)))
      workspace.write(`data/${file}`, content)
    putOddities(workspace, 'data')
    await add(repository, { paths: ['data'], format })
    await commit(repository, { message: 'data' })
    const tree = workspace.tree()

    await workspace.go('main')
    expect(workspace.tree()).toEqual({ 'README.md': 'file first\n' })
    await switchTo(repository, { target: 'data' })
    expect(workspace.tree()).toEqual(tree)
    expect(isClean(await status(repository))).toBe(true)
  })

  it('is not changed by adding it a second time', async () => {
    await using workspace = await openWorkspace()
    const { repository } = workspace
    for (const [file, content] of Object.entries(sampleDataset(format)))
      workspace.write(`data/${file}`, content)
    putOddities(workspace, 'data')
    await add(repository, { paths: ['data'], format })
    const { stage } = (await repository.state()).work

    await add(repository, { paths: ['data'], format })
    await add(repository, { paths: [''] })

    expect((await repository.state()).work.stage).toEqual(stage)
  })
})
