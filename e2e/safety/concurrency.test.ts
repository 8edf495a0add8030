import { rmSync } from 'node:fs'
import { setTimeout } from 'node:timers/promises'
import { Repository, restore, status } from '@dsv/core'
import { checkStore } from '@dsv/store'
import { describe, expect, it } from '@jest/globals'
import { type Finished, openSandbox, type Sandbox } from '../sandbox.ts'
import { treeOf } from './tree-of.ts'
import { testEnvironment } from './workspace.ts'

async function startedRepository(): Promise<Sandbox> {
  const sandbox = openSandbox()
  await sandbox.dsv('init')
  for (let at = 0; at < 60; at++) sandbox.write(`files/${at}`, `base ${at}\n`.repeat(at * 20))
  await sandbox.dsv('add', '.')
  await sandbox.dsv('commit', '-m', 'base')
  return sandbox
}

/** Fails unless the exit code is 0, or the command was refused for a reason that a user understands. */
function expectDoneOrRefused({ exitCode, stderr }: Finished): void {
  if (exitCode === 0) return
  expect(stderr).toMatch(
    /code: DSV_(STAGE_MOVED|REF_MOVED|ROOT_BUSY|WORKING_TREE_BUSY|CHECKOUT_\w+|COMMIT_EMPTY)/,
  )
  expect(exitCode).toBe(1)
}

async function expectWhole(sandbox: Sandbox): Promise<void> {
  const repository = await Repository.open(sandbox.at(''), testEnvironment())
  try {
    for await (const finding of checkStore(repository.store, { level: 4 }))
      throw new Error(`The repository is damaged: ${JSON.stringify(finding)}`)
  } finally {
    await repository.close()
  }
}

describe('processes side by side', () => {
  it('lose nothing when several add and others look', async () => {
    using sandbox = await startedRepository()
    const names = Array.from({ length: 6 }, (_, at) => `added/${at}`)
    for (const name of names) sandbox.write(name, name)

    const results = await Promise.all([
      ...names.map(async (name) => sandbox.run(['add', name])),
      ...['status', 'log', 'diff', 'ls'].map(async (command) => sandbox.run([command])),
    ])

    for (const result of results) expectDoneOrRefused(result)
    for (const result of results.slice(names.length)) expect(result.exitCode).toBe(0)
    const done = names.filter((_name, at) => results[at]?.exitCode === 0)
    const repository = await Repository.open(sandbox.at(''), testEnvironment())
    const { staged, untracked } = await status(repository)
    await repository.close()
    expect(staged.files.map(({ path }) => path)).toEqual(done)
    expect(untracked).toEqual(names.filter((name) => !done.includes(name)))
    await expectWhole(sandbox)
  })

  it('keep every branch and tag that was made', async () => {
    using sandbox = await startedRepository()
    const names = Array.from({ length: 5 }, (_, at) => `b${at}`)
    const results = await Promise.all([
      ...names.map(async (name) => sandbox.run(['branch', name])),
      ...names.map(async (name) => sandbox.run(['tag', name])),
    ])
    expect(results.map(({ exitCode }) => exitCode)).toEqual(results.map(() => 0))
    const { refs } = await stateOf(sandbox)
    expect([...refs.keys()].filter((name) => name !== 'refs/heads/main')).toHaveLength(10)
  })

  it('never mix two snapshots when one switches and others add, commit or switch', async () => {
    using sandbox = await startedRepository()
    await sandbox.dsv('switch', '-c', 'other')
    for (let at = 0; at < 60; at += 2) sandbox.write(`files/${at}`, `other ${at}\n`.repeat(at * 20))
    await sandbox.dsv('commit', '-am', 'other')
    const other = treeOf(sandbox.at(''))
    await sandbox.dsv('switch', 'main')
    const main = treeOf(sandbox.at(''))
    for (let round = 0; round < 3; round++) {
      sandbox.write('new.txt', `round ${round}`)
      const results = await Promise.all([
        sandbox.run(['switch', 'other']),
        setTimeout(Math.random() * 60).then(async () => sandbox.run(['add', '.'])),
        setTimeout(Math.random() * 60).then(async () => sandbox.run(['commit', '-am', 'x'])),
        setTimeout(Math.random() * 60).then(async () => sandbox.run(['switch', 'main'])),
        sandbox.run(['status']),
      ])
      for (const result of results) expectDoneOrRefused(result)
      rmSync(sandbox.at('new.txt'), { force: true })
      const repository = await Repository.open(sandbox.at(''), testEnvironment())
      await restore(repository, { paths: [''] })
      await repository.close()
      const { 'new.txt': _new, ...tree } = treeOf(sandbox.at(''))
      expect([main, other]).toContainEqual(tree)
      await sandbox.dsv('reset', '--hard')
      await sandbox.dsv('switch', '--force', 'main')
    }
    for (const [branch, expected] of [
      ['main', main],
      ['other', other],
    ] as const) {
      await sandbox.dsv('switch', '--force', branch)
      const { 'new.txt': _new, ...tree } = treeOf(sandbox.at(''))
      expect(tree).toEqual(expected)
    }
    await expectWhole(sandbox)
  })
})

async function stateOf(sandbox: Sandbox): ReturnType<Repository['state']> {
  const repository = await Repository.open(sandbox.at(''), testEnvironment())
  try {
    return await repository.state()
  } finally {
    await repository.close()
  }
}
