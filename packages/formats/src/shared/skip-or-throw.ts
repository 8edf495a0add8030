import type { ReadContext } from '@dsv/core'

/**
 * Reports what is wrong with a file or record when such are skipped; throws it when not, or when it is
 * anything else than `DSV_FORMAT_SYNTAX`.
 */
export function skipOrThrow(
  error: unknown,
  file: string,
  context: Pick<ReadContext, 'onError' | 'onProblem'>,
): void {
  const isSyntax =
    typeof error === 'object' &&
    error !== null &&
    'code' in error &&
    error.code === 'DSV_FORMAT_SYNTAX'
  if (context.onError === 'fail' || !isSyntax || !('message' in error)) throw error
  context.onProblem({ file, message: String(error.message) })
}
