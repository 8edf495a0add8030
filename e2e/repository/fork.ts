import path from 'node:path'
import { expect } from '@jest/globals'
import { linesOf, linesOfStreet } from './meaning.ts'
import { openWorkspace, type Workspace } from './open-workspace.ts'
import { putStreet, type Street, STREET, type StreetFormat } from './street-dataset.ts'
import { add } from '@dsv/core'

/** Two versions that grew from one. */
export interface Fork {
  readonly base?: Street
  readonly ours: Street
  readonly theirs: Street
}

/** The folder of the dataset in all these tests. */
export const ROOT = 'data/street'

/** Opens a workspace on `main`, which holds `ours`, with a branch `other` that holds `theirs`. */
export async function forked(format: StreetFormat, fork: Fork): Promise<Workspace> {
  const workspace = await openWorkspace()
  await workspace.put('README.md', 'Streets\n')
  await putStreet(workspace, ROOT, format, fork.base ?? STREET)
  await add(workspace.repository, { paths: [ROOT], format })
  await workspace.save('base')
  await workspace.go('other', true)
  await saveStreet(workspace, format, fork.theirs, 'theirs')
  await workspace.go('main')
  await saveStreet(workspace, format, fork.ours, 'ours')
  return workspace
}

/** Makes the dataset what `street` says and commits that. */
export async function saveStreet(
  workspace: Workspace,
  format: StreetFormat,
  street: Street,
  message: string,
): Promise<string> {
  await putStreet(workspace, ROOT, format, street)
  return workspace.save(message)
}

/** What the files of the dataset say now. */
export async function linesNow(
  workspace: Workspace,
  format: StreetFormat,
): Promise<readonly string[]> {
  return linesOf(path.join(workspace.folder, ROOT), format)
}

/**
 * Fails unless the files of the dataset say what `street` says. VOC lists categories that no box has
 * only in a label map, which writing adds and people leave out, so they are not compared there.
 * Undefined: there is no dataset.
 */
export async function expectStreet(
  workspace: Workspace,
  format: StreetFormat,
  street: Street | undefined,
): Promise<void> {
  const { datasets } = (await workspace.repository.state()).work.stage
  expect([...datasets.keys()]).toEqual(street === undefined ? [] : [ROOT])
  if (street === undefined) return
  const [now, wanted] = [await linesNow(workspace, format), await linesOfStreet(format, street)]
  const from = format === 'voc' ? 1 : 0
  expect(now.slice(from)).toEqual(wanted.slice(from))
}
