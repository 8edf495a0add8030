// Writes docs/commands.md from what `dsv --help` and `dsv <command> --help` print. Needs the bundle.
//
//   node scripts/write-command-docs.mjs            writes the page
//   node scripts/write-command-docs.mjs --print    prints it instead
import { execFile } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

const run = promisify(execFile)
const root = fileURLToPath(new URL('..', import.meta.url))
const page = await formatPage()
if (process.argv.includes('--print')) process.stdout.write(page)
else writeFileSync(`${root}docs/commands.md`, page)

async function formatPage() {
  const overview = await help()
  const names = [...overview.matchAll(/^ {2}([a-z-]+) {2,}/gm)].map(([, name]) => name)
  const texts = []
  // Two at a time: that is how many processors a small machine has.
  for (let at = 0; at < names.length; at += 2) {
    texts.push(...(await Promise.all(names.slice(at, at + 2).map((name) => help(name)))))
  }
  return [
    '# Commands',
    '',
    '<!-- Made by scripts/write-command-docs.mjs from `--help`. Change the commands. -->',
    '',
    'Words and options are those of Git where Git has them. Results go to stdout, everything else to stderr.',
    'Exit codes: 0 done, 1 failed, or differences or conflicts found, 2 misused, 70 a bug in dsv.',
    '',
    '```',
    overview.trimEnd(),
    '```',
    '',
    ...names.flatMap((name, index) => [`## ${name}`, '', '```', texts[index].trimEnd(), '```', '']),
  ].join('\n')
}

async function help(...words) {
  const { stdout } = await run(process.execPath, ['packages/cli/bin/dsv.js', ...words, '--help'], {
    cwd: root,
  })
  return stdout.replaceAll(/ +$/gm, '')
}
