import { spawnSync } from 'node:child_process'

/**
 * Makes the whole file system of `folder` durable with `sync -f` of GNU coreutils, some hundred times
 * faster than flushing thousands of files one by one. Returns false where there is no such program.
 */
export function syncWholeFileSystem(folder: string): boolean {
  if (process.platform !== 'linux') return false
  const { status } = spawnSync('sync', ['-f', folder], { stdio: 'ignore' })
  return status === 0
}
