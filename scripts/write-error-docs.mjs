// Writes docs/errors.md from the errors.ts files of all packages.
//
//   node scripts/write-error-docs.mjs            writes the page
//   node scripts/write-error-docs.mjs --print    prints it instead
import { writeFileSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { readErrorCodes } from './read-error-codes.mjs'

const root = fileURLToPath(new URL('..', import.meta.url))
const page = formatPage(readErrorCodes(root))
if (process.argv.includes('--print')) process.stdout.write(page)
else writeFileSync(path.join(root, 'docs', 'errors.md'), page)

function formatPage(errors) {
  const codes = [...new Set(errors.map(({ code }) => code))]
  return [
    '# Errors',
    '',
    '<!-- Made by scripts/write-error-docs.mjs from packages/*/src/errors.ts. Change the source. -->',
    '',
    'A failure that you can do something about has a code that never changes its meaning. `dsv` prints the',
    'message and the hint; with `--json` the code and the details too. Programs that use the library compare',
    '`error.code`. `‹name›` stands for a value.',
    '',
    'Conflicts, losses and failed checks are results, not errors. Exit codes: 0 done, 1 failed, or',
    'differences or conflicts found, 2 misused, 70 a bug in dsv.',
    '',
    ...codes.flatMap((code) =>
      formatCode(
        code,
        errors.filter((each) => each.code === code),
      ),
    ),
  ].join('\n')
}

function formatCode(code, errors) {
  return [`## ${code}`, '', ...errors.flatMap(formatError)]
}

function formatError({ when, messages, hints, package: name }) {
  return [
    `${when} (\`@dsv/${name}\`)`.replace('`@dsv/cli`', '`dsv`'),
    '',
    ...messages.map((message) => `- Message: “${escape(message)}”`),
    ...hints.map(
      (hint) => `- What to do: ${hint === '‹hint›' ? 'depends on the case' : escape(hint)}`,
    ),
    '',
  ]
}

/** Text as Markdown: angle brackets and stars mean nothing here. */
function escape(text) {
  return text.replaceAll(/[*_<>](?![^`]*`)/g, String.raw`\$&`)
}
