// A plugin for esbuild. `import { a } from '@dsv/core'` becomes an import of the file that `a` is from:
// a bundler that splits chunks follows every line of an index file, and each command would load the
// whole of a package.
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'

const PACKAGES = fileURLToPath(new URL('..', import.meta.url))
const EXPORT = /export (type )?(?:\{([^}]*)\}|\*) from '([^']+)'/g
const IMPORT = /^import \{([^}]*)\} from '@dsv\/([a-z-]+)'$/gm

export const skipIndexFiles = {
  name: 'skip-index-files',
  setup(build) {
    build.onLoad({ filter: /[/\\]packages[/\\][a-z-]+[/\\]src[/\\].*\.ts$/ }, ({ path: file }) => ({
      contents: withDirectImports(readFileSync(file, 'utf8')),
      loader: 'ts',
      resolveDir: path.dirname(file),
    }))
  },
}

function withDirectImports(text) {
  return text.replaceAll(IMPORT, (whole, list, name) => {
    const places = exportsOf(name)
    const lines = namesIn(list).map(({ from, as, isType }) => {
      const file = places.get(from)
      if (isType || file === undefined) return undefined
      return `import { ${from} as ${as} } from ${JSON.stringify(file)}`
    })
    const left = namesIn(list).filter(({ from, isType }) => !isType && !places.has(from))
    // What is not found is left to the index file. One line stays one line: source maps hold.
    return left.length > 0 ? whole : lines.filter((line) => line !== undefined).join('; ')
  })
}

const known = new Map()

/** Returns the names that the index file of a package exports, with the files they are in. */
function exportsOf(name) {
  const before = known.get(name)
  if (before !== undefined) return before
  const places = new Map()
  const folder = path.join(PACKAGES, name, 'src')
  const index = readFileSync(path.join(folder, 'index.ts'), 'utf8')
  for (const [, isTypes, list = '', target] of index.matchAll(EXPORT)) {
    if (isTypes !== undefined) continue
    for (const { from, as, isType } of namesIn(list)) {
      if (isType) continue
      const found = target.startsWith('@dsv/')
        ? exportsOf(target.slice('@dsv/'.length)).get(from)
        : path.join(folder, target)
      // A renamed export is left to the index file.
      if (found !== undefined && from === as) places.set(as, found)
    }
  }
  known.set(name, places)
  return places
}

function namesIn(list) {
  return list
    .split(',')
    .map((each) => each.trim())
    .filter((each) => each !== '')
    .map((each) => {
      const isType = each.startsWith('type ')
      const [from, as = from] = each.replace(/^type /, '').split(' as ')
      return { from, as, isType }
    })
}
