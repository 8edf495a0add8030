// Prints which of the cases that Datumaro's own samples make (`facts/imports.dev.json` of a folder `shared`
// beside the repository, or where DSV_SHARED says) we read with the same result. Needs `npm run build`.
//
//   node scripts/facts.mjs            the table
//   node scripts/facts.mjs --all      and every difference
//
// The comparison is that of packages/formats/test; it runs over the built packages.
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { loadTestModules } from './load-test-modules.mjs'

const root = fileURLToPath(new URL('..', import.meta.url))
process.env.DSV_ROOT ??= root
process.env.DSV_SHARED ??= path.join(root, '..', 'shared')
const showsAll = process.argv.includes('--all')

const { allFacts, checkFact } = await loadTestModules(
  root,
  'packages/formats/test',
  "export { allFacts } from './facts.ts'\nexport { checkFact } from './check-fact.ts'\n",
)
const facts = allFacts()
if (facts.length === 0) {
  console.log(`skipped: there is no facts/imports.dev.json in ${process.env.DSV_SHARED}`)
} else {
  const checked = []
  for (const fact of facts) checked.push(await checkFact(fact))
  printTable(checked)
  const isBad = ({ verdict }) => verdict === 'unexplained' || verdict === 'failed'
  process.exitCode = checked.some(isBad) ? 1 : 0
}

function printTable(checked) {
  const rows = checked.map(({ fact, format, verdict, differences, link, error }) => [
    verdict === 'unexplained' ? 'DIFFERS' : verdict === 'failed' ? 'FAILED' : verdict,
    fact.format,
    format ?? '-',
    fact.asset + (fact.options === undefined ? '' : ` ${JSON.stringify(fact.options)}`),
    error ?? [counts(differences), link].filter(Boolean).join('; see '),
  ])
  const widths = [0, 1, 2].map((column) => Math.max(...rows.map((row) => row[column].length)))
  for (const [index, row] of rows.entries()) {
    console.log(
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    if (showsAll)
      for (const [what, places] of Object.entries(checked[index].differences ?? {}))
        for (const place of places) console.log(`    ${what}: ${place}`)
  }
  const tally = new Map()
  for (const { verdict } of checked) tally.set(verdict, (tally.get(verdict) ?? 0) + 1)
  console.log(`${rows.length} cases: ${[...tally].map(([name, n]) => `${n} ${name}`).join(', ')}`)
}

function counts(differences = {}) {
  return Object.entries(differences)
    .filter(([, places]) => places.length > 0)
    .map(([what, places]) => `${places.length} × ${what}`)
    .join(', ')
}
