// Writes docs/formats/README.md: the list of formats, and what each makes of each type of annotation,
// found out by writing and reading. Needs the built packages.
//
//   node scripts/write-format-docs.mjs            writes the page
//   node scripts/write-format-docs.mjs --print    prints it instead
import { writeFileSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { loadTestModules } from './load-test-modules.mjs'

const root = fileURLToPath(new URL('..', import.meta.url))
const { formatMatrix, formatPage } = await loadTestModules(
  root,
  'packages/formats/test',
  "export { formatMatrix } from './format-matrix.ts'\nexport { formatPage } from './format-page.ts'\n",
)
const page = formatPage(await formatMatrix())
if (process.argv.includes('--print')) process.stdout.write(page)
else writeFileSync(path.join(root, 'docs', 'formats', 'README.md'), page)
