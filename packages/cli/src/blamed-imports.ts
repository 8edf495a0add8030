import { type BlamedAnnotation, isBelow, type Repository } from '@dsv/core'
import { type CommitImport, commitImports, type Import } from '@dsv/remote'

/** An annotation, and the import that brought its present form here if one did. */
export interface ImportedBlame extends BlamedAnnotation {
  readonly import: Import | null
}

/**
 * Adds to blame where annotations came from: those of a commit that imported their dataset, or brought it
 * up to date, came from there.
 */
export async function blamedImports(
  repository: Repository,
  blamed: readonly BlamedAnnotation[],
): Promise<readonly ImportedBlame[]> {
  const importsOf = commitImports(repository)
  const known = new Map<string, readonly CommitImport[]>()
  const found: ImportedBlame[] = []
  for (const each of blamed) {
    const imports = known.get(each.commitId) ?? (await importsOf(each.commit))
    known.set(each.commitId, imports)
    const brought = imports.find(({ import: { path } }) => isBelow(each.dataset, path))
    found.push({ ...each, import: brought?.import ?? null })
  }
  return found
}
