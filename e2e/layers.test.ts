import { execFile } from 'node:child_process'
import { cp, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'

const run = promisify(execFile)
const ROOT = path.join(import.meta.dirname, '..')
const PROGRAM = path.join(
  ROOT,
  'node_modules',
  'dependency-cruiser',
  'bin',
  'dependency-cruise.mjs',
)

let copy = ''

// With a TypeScript that it cannot load, dependency-cruiser finds no modules and is content with that.
describe('npm run layers', () => {
  beforeAll(async () => {
    copy = await mkdtemp(path.join(os.tmpdir(), 'dsv-layers-'))
    for (const name of ['.dependency-cruiser.cjs', 'tsconfig.base.json', 'package.json']) {
      await cp(path.join(ROOT, name), path.join(copy, name))
    }
    await cp(path.join(ROOT, 'packages'), path.join(copy, 'packages'), {
      recursive: true,
      filter: (source) => !/[\\/](node_modules|dist|bundle|test)$/.test(source),
    })
    // A link to all packages but ours: these must be found in the copy.
    await symlink(path.join(ROOT, 'node_modules'), path.join(copy, 'node_modules'))
  })

  afterAll(async () => {
    await rm(copy, { recursive: true, force: true })
  })

  it('looks at the modules of all packages', async () => {
    const { stdout } = await run(
      process.execPath,
      [PROGRAM, 'packages', '--config', '.dependency-cruiser.cjs', '--output-type', 'json'],
      { cwd: copy, maxBuffer: 2 ** 28 },
    )
    const { summary } = JSON.parse(stdout) as { summary: { totalCruised: number; error: number } }
    expect(summary.error).toBe(0)
    expect(summary.totalCruised).toBeGreaterThan(300)
  }, 60_000)

  it('refuses what a module may not import', async () => {
    const forbidden = [
      ['packages/store/src/forbidden.ts', '../../core/src/errors.ts', 'store-imports-only'],
      ['packages/core/src/forbidden.ts', '../../formats/src/errors.ts', 'core-imports-only'],
      ['packages/core/src/merge/forbidden.ts', 'node:fs', 'pure-parts-of-core-do-no-io'],
      [
        'packages/formats/src/voc/forbidden.ts',
        '../coco/format.ts',
        'a-format-knows-no-other-format',
      ],
    ] as const
    for (const [file, target] of forbidden)
      await writeFile(path.join(copy, file), `import * as all from '${target}'\nexport { all }\n`)
    const files = forbidden.map(([file]) => file)
    const outcome = await run(
      process.execPath,
      [PROGRAM, ...files, '--config', '.dependency-cruiser.cjs'],
      { cwd: copy },
    ).catch((error: unknown) => error)
    for (const [file, , rule] of forbidden) {
      const line = expect.stringMatching(new RegExp(`${rule}.*${file}`))
      expect(outcome).toMatchObject({ stdout: line })
    }
  }, 60_000)
})
