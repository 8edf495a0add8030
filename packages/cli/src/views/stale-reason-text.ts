import type { StaleReason } from '@dsv/pipeline'

/** Says in a few words why a stage has to run. */
export function staleReasonText(reason: StaleReason): string {
  switch (reason.kind) {
    case 'new':
      return 'never ran'
    case 'always':
      return 'runs always'
    case 'forced':
      return 'forced'
    case 'command':
      return 'command changed'
    case 'option':
      return `option ${reason.name} changed`
    case 'parameter':
      return `parameter ${reason.key} of ${reason.file} changed`
    case 'dependency':
      return `${reason.path} ${CHANGES[reason.change]}`
    case 'output':
      return `output ${reason.path} ${CHANGES[reason.change]}`
    case 'upstream':
      return `needs ${reason.stage}`
  }
}

const CHANGES = {
  changed: 'changed',
  missing: 'is missing',
  added: 'is new',
  removed: 'is no longer declared',
  unstored: 'is not stored',
} as const
