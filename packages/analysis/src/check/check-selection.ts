import type { Check, CheckTask, Severity } from './check.ts'
import { checkUnknown } from '../errors.ts'
import { CHECKS } from './registry.ts'

/** Which checks run, how bad what they find is, and what they go by. */
export interface CheckSelection {
  /** Chooses the checks that matter for a task, and the annotations that count for it. */
  readonly task?: CheckTask
  /** Only these run, whatever else is said of them. */
  readonly only?: readonly string[]
  readonly skip?: readonly string[]
  /** Whether those that read pixels run. */
  readonly pixels?: boolean
  /** By check; `off` is like `skip`. */
  readonly severities?: Readonly<Record<string, Severity | 'off'>>
  /** By check, then by parameter. */
  readonly parameters?: Readonly<Record<string, Readonly<Record<string, number>>>>
}

/** A check that runs. */
export interface ChosenCheck {
  readonly check: Check
  readonly severity: Severity
}

/**
 * Returns the checks that run, by name, in the order of the registry.
 *
 * @throws `DSV_CHECK_UNKNOWN`
 */
export function chooseChecks(selection: CheckSelection): ReadonlyMap<string, ChosenCheck> {
  const { only = [], skip = [], severities = {} } = selection
  const known = CHECKS.map(({ name }) => name)
  for (const name of [...only, ...skip, ...Object.keys(severities)])
    if (!known.includes(name)) throw checkUnknown(name, known)
  const chosen = new Map<string, ChosenCheck>()
  for (const check of CHECKS) {
    const configured = severities[check.name]
    const isNamed = only.includes(check.name)
    const isOn = isNamed || (only.length === 0 && isUsual(check, selection, configured))
    if (!isOn || skip.includes(check.name)) continue
    const severity = configured === undefined || configured === 'off' ? check.severity : configured
    chosen.set(check.name, { check, severity })
  }
  return chosen
}

function isUsual(
  { tasks, needsTask, needsPixels }: Check,
  { task, pixels = false }: CheckSelection,
  configured: Severity | 'off' | undefined,
): boolean {
  if (configured === 'off') return false
  if (task !== undefined && tasks !== undefined && !tasks.includes(task)) return false
  // Whoever sets a severity wants to see findings of it.
  if (configured !== undefined) return true
  return (needsTask !== true || task !== undefined) && (needsPixels !== true || pixels)
}
