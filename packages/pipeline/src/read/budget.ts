import { failAt, type Place } from './pipeline-document.ts'

/** How much a pipeline may grow while its templates are filled in: characters, values and stages. */
const MOST = 20_000_000

/** Counts what the filling in of templates makes, for small files can ask for much. */
export interface Budget {
  /** @throws `DSV_PIPELINE_INVALID` when it is used up */
  spend(amount: number, place: Place): void
}

/** Returns a budget for all pipeline files of a repository. */
export function openBudget(): Budget {
  let left = MOST
  return {
    spend: (amount, place) => {
      left -= amount
      if (left < 0) throw failAt(place, 'becomes too much when it is filled in')
    },
  }
}
