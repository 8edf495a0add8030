import { configureGlobal } from 'fast-check'

/**
 * Properties are tried on the same cases each time, so that a change is judged by what it changes.
 * `DSV_SEED` chooses other cases: a number, or `random` to look for what nobody has found yet.
 */
const seed = process.env['DSV_SEED'] ?? '20261121'

if (seed !== 'random') configureGlobal({ seed: Number(seed) })
