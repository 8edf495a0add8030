// Tools with a remote, for the scenario of sharing. A remote is { folder } or { bucket, prefix, endpoint }.
import path from 'node:path'
import { dsvTool } from './dsv.mjs'
import { dvcTool } from './dvc.mjs'
import { runAll } from './tool.mjs'

/** Returns dsv with a remote called `origin`. */
export function dsvSharing(command, env, remote) {
  const tool = dsvTool(command, env)
  const isFolder = remote.folder !== undefined
  const url = isFolder ? remote.folder : `s3://${remote.bucket}/${remote.prefix}`
  const options = isFolder ? [] : ['--option', `endpoint=${remote.endpoint}`]
  return {
    ...tool,
    share: (folder) => tool.run(folder, ['remote', 'add', 'origin', url, ...options]),
    push: (folder) => tool.run(folder, ['push', 'origin', 'main']),
    clone: (_, target) => tool.run(path.dirname(target), ['clone', url, target, ...options]),
    pull: (folder) => tool.run(folder, ['pull']),
  }
}

/** Returns DVC with its remote, and beside it a bare repository of Git, as its users have them. */
export function dvcSharing(dvc, env, remote) {
  const tool = dvcTool(dvc, env)
  const run = (folder, ...lines) => runAll(lines, { cwd: folder, env })
  const isFolder = remote.folder !== undefined
  const url = isFolder ? remote.folder : `s3://${remote.bucket}/${remote.prefix}`
  const gitOf = (folder) => `${path.dirname(folder)}/git`
  return {
    ...tool,
    share: (folder) =>
      run(
        folder,
        [dvc, 'remote', 'add', '-q', '-d', 'origin', url],
        ...(isFolder
          ? []
          : [[dvc, 'remote', 'modify', '-q', 'origin', 'endpointurl', remote.endpoint]]),
        ['git', 'commit', '-q', '-am', 'remote'],
        ['git', 'init', '-q', '--bare', '-b', 'main', gitOf(folder)],
        ['git', 'remote', 'add', 'origin', gitOf(folder)],
      ),
    push: (folder) =>
      run(folder, ['git', 'push', '-q', '-u', 'origin', 'main'], [dvc, 'push', '-q']),
    async clone(folder, target) {
      const cloned = await run(folder, ['git', 'clone', '-q', gitOf(folder), target])
      if (cloned.exitCode !== 0) return cloned
      const pulled = await run(target, [dvc, 'pull', '-q'])
      const sum = (name) => (cloned[name] ?? 0) + (pulled[name] ?? 0)
      return { ...pulled, wallSeconds: sum('wallSeconds'), cpuSeconds: sum('cpuSeconds') }
    },
    pull: (folder) => run(folder, ['git', 'pull', '-q'], [dvc, 'pull', '-q']),
  }
}
