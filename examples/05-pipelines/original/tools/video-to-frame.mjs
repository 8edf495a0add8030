// One PNG for each frame, numbered from 0.
import { spawnSync } from 'node:child_process'
import { mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs'
import path from 'node:path'
import { optionsOf } from './options.mjs'

const options = optionsOf(process.argv.slice(2))
const [source] = options.get('source')
const [folder] = options.get('destination')
const [prefix] = options.get('prefix')

rmSync(folder, { recursive: true, force: true })
mkdirSync(folder, { recursive: true })
const output = path.join(folder, 'tmpframe_%06d.PNG')
const parameters = ['-v', 'error', '-i', source, '-fps_mode', 'passthrough', output]
const { status } = spawnSync('ffmpeg', parameters, { stdio: 'inherit' })
if (status !== 0) process.exit(1)
for (const name of readdirSync(folder)) {
  const number = Number(/(\d+)\.PNG$/.exec(name)[1]) - 1
  const renamed = `${prefix}_${String(number).padStart(6, '0')}.PNG`
  renameSync(path.join(folder, name), path.join(folder, renamed))
}
