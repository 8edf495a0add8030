import { describe, expect, it } from '@jest/globals'
import { brokenPromises } from './hostile/broken-promises.ts'
import { type Damaged, damaged } from './hostile/damage.ts'
import { filesToDamage, samples } from './hostile/samples.ts'

const all = await samples()

/** One of the hostile values at each place, another at the next: all of them in most files. */
const PER_PLACE = 1

describe('a file that is damaged, or lies', () => {
  it.each(all.map((sample) => [sample.name, sample] as const))(
    'gives one clear error or is skipped and reported: %s',
    async (_, sample) => {
      const broken: string[] = []
      const before = process.resourceUsage().maxRSS
      const check = async (file: string, each: Damaged): Promise<void> => {
        const found = await brokenPromises(sample, file, each)
        broken.push(...found.map((what) => `${file} where ${each.what}: ${what}`))
      }
      for (const [file, bytes] of filesToDamage(sample)) {
        for (const each of damaged(file, bytes, PER_PLACE)) await check(file, each)
      }
      expect(broken).toEqual([])
      // In kibibytes: no claim of two gibibytes is believed.
      expect(process.resourceUsage().maxRSS - before).toBeLessThan(2 ** 20)
    },
  )
})
