import { countBySeverity } from '@dsv/analysis'
import type { StoredDatasets } from '@dsv/core'
import { checkDatasets } from './check-datasets.ts'
import { checkSettings } from './check-settings.ts'
import { checkFailed } from './errors.ts'
import type { CommandIo } from './io.ts'
import { checkLines } from './views/check-lines.ts'
import { paintOf } from './views/paint.ts'

const EXAMPLES = 3

/** Checks datasets that are about to be committed. @throws `DSV_CHECK_FAILED` when there are errors */
export async function checkCommit(changed: StoredDatasets, io: CommandIo): Promise<void> {
  const checked = await checkDatasets(changed, { ...checkSettings(io), limit: EXAMPLES }, io)
  const failed = checked.filter((each) => countBySeverity([each]).error > 0)
  if (failed.length === 0) return
  for (const { checks, ...dataset } of failed) {
    const errors = checks.filter(({ severity }) => severity === 'error')
    for (const line of checkLines({ ...dataset, checks: errors }, paintOf(io), EXAMPLES))
      io.note(`${line}\n`)
  }
  throw checkFailed(
    failed.map(({ path }) => path),
    countBySeverity(failed).error,
  )
}
