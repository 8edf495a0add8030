// What the same bytes cost without any version control: the distance that is left to win.
import { execFileSync } from 'node:child_process'
import { rmSync } from 'node:fs'
import path from 'node:path'
import { runMeasured } from '../measure/run-measured.mjs'

const FLOOR = { name: 'floor' }

/** Copies a folder as `cp -r` does: bytes, no times. */
export function copyFolder(from, to) {
  rmSync(to, { recursive: true, force: true })
  execFileSync('cp', ['-r', from, to])
}

/** Measures `cp -r`, hashing and looking at every file of `source`. */
export async function measureFloors(recorder, { source, folder }) {
  const run = (name, argv) =>
    recorder.measure(FLOOR, name, () => runMeasured(argv, { cwd: path.dirname(source) }))
  const target = path.join(folder, 'copy')
  rmSync(folder, { recursive: true, force: true })
  execFileSync('mkdir', ['-p', folder])
  await run('cp -r', ['cp', '-r', source, target])
  rmSync(target, { recursive: true, force: true })
  await run('lstat of all (find -printf)', ['find', source, '-printf', ''])
  const all = (program) => [
    'sh',
    '-c',
    `find "${source}" -type f -print0 | xargs -0 ${program} > /dev/null`,
  ]
  await run('sha256sum of all', all('sha256sum'))
  if (isInstalled('b3sum')) await run('b3sum of all', all('b3sum'))
}

/** Measures reading one JSON file in the plainest way. */
export async function measureJsonFloor(recorder, file) {
  const script = `JSON.parse(require('node:fs').readFileSync(${JSON.stringify(file)}, 'utf8'))`
  await recorder.measure(FLOOR, 'JSON.parse', () =>
    runMeasured([process.execPath, '-e', script], { cwd: path.dirname(file) }),
  )
  await recorder.measure(FLOOR, 'cat', () =>
    runMeasured(['sh', '-c', `cat "${file}" > /dev/null`], { cwd: path.dirname(file) }),
  )
}

function isInstalled(program) {
  try {
    execFileSync('sh', ['-c', `command -v ${program}`], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}
