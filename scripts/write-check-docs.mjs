// Writes the tables of docs/checks.md from the registry of checks.
//
//   npm run docs:checks                          writes the page
//   node scripts/write-check-docs.mjs --print    prints it instead
import { readFileSync, writeFileSync } from 'node:fs'
import { CHECK_FAMILIES } from '../packages/analysis/dist/index.js'

const file = new URL('../docs/checks.md', import.meta.url)
const text = readFileSync(file, 'utf8')
const begin = text.indexOf('\n', text.indexOf('<!-- Made by scripts/write-check-docs.mjs')) + 1
const before = text.slice(0, begin)
const after = text.slice(text.indexOf('<!-- End of what is made. -->'))
const page = `${before}\n${CHECK_FAMILIES.map(familyText).join('\n')}\n${after}`
if (process.argv.includes('--print')) process.stdout.write(page)
else writeFileSync(file, page)

function familyText({ title, checks }) {
  return `### ${title}\n\n${checks.map(checkText).join('\n')}\n`
}

function checkText({
  name,
  severity,
  about,
  parameters = {},
  tasks,
  needsTask,
  needsPixels,
  peer,
  repair,
}) {
  const when = [
    needsPixels && 'with `--pixels`',
    tasks && `${needsTask ? 'only with' : 'tasks'} ${tasks.join(', ')}`,
  ].filter(Boolean)
  const lines = [
    `- \`${name}\` (${[severity, ...when].join('; ')}): ${about}`,
    ...Object.entries(parameters).map(
      ([parameter, { default: usual, about: meaning }]) =>
        `  \`${parameter}\` ${usual}: ${meaning}.`,
    ),
    repair && `  \`correct\` ${repair.does}${repair.isAsked ? ', when asked to' : ''}.`,
    peer && `  Datumaro: ${peer.join(', ')}.`,
  ]
  return lines.filter(Boolean).join('\n')
}
