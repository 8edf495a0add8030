import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'

import {
  checkHostKey,
  fingerprintOf,
  knownHostName,
  knownKeyTypes,
  parseKnownHosts,
} from '../../../src/driver/sftp/known-hosts.ts'

// Made with ssh-keygen, hashed with ssh-keygen -H; the second host is [data.example.org]:2222.
const ED = 'AAAAC3NzaC1lZDI1NTE5AAAAIJQkUMtUevRReBPjyPfUvrtOuMU4FiUQX+Ble8YtZFmc'
const EC =
  'AAAAE2VjZHNhLXNoYTItbmlzdHAyNTYAAAAIbmlzdHAyNTYAAABBBLKITdGI4Ie3pmwUn6f4eO47c3spGm04afpZ4NyAWXh7bKxz1h0aehaUm4prgpno2UW0sIyUMby8M6+NlNQJNdQ='
const HASHED = `|1|Y8C73cM3m053i4QdF6rQba5uOOw=|KAP6YFdveWQJP/prFeUTvxSVr2w= ssh-ed25519 ${ED}
|1|+QjB2QZeqBK9ITt+V/PXrPxFcPI=|8eKWVsDjxnKUMUush7mGYYzg/a0= ecdsa-sha2-nistp256 ${EC}
`
const ed = Buffer.from(ED, 'base64')
const ec = Buffer.from(EC, 'base64')
const otherEd = Buffer.from(ed)
otherEd[40] = (otherEd[40] ?? 0) ^ 1

function check(text: string, name: string, key: Buffer): string {
  return checkHostKey(parseKnownHosts(text), name, key)
}

describe('checkHostKey', () => {
  it('finds hashed names, with their port', () => {
    expect(check(HASHED, 'data.example.org', ed)).toBe('known')
    expect(check(HASHED, knownHostName('Data.Example.org', 2222), ec)).toBe('known')
    expect(check(HASHED, knownHostName('data.example.org', 2223), ec)).toBe('unknown')
    expect(check(HASHED, 'other.example.org', ed)).toBe('unknown')
    expect(check(HASHED, 'data.example.org', otherEd)).toBe('changed')
  })

  it('finds plain names, lists and wildcards, but not what is excluded', () => {
    const text = `a.example.org,10.0.0.* ssh-ed25519 ${ED} a comment
*.lab,!bad.lab ssh-ed25519 ${ED}
`
    expect(check(text, 'a.example.org', ed)).toBe('known')
    expect(check(text, '10.0.0.7', ed)).toBe('known')
    expect(check(text, 'one.lab', ed)).toBe('known')
    expect(check(text, 'bad.lab', ed)).toBe('unknown')
    expect(check(text, 'axexample.org', ed)).toBe('unknown')
    expect(check(text, '[a.example.org]:22', ed)).toBe('unknown')
  })

  it('takes a key of another type for unknown, and one of several for known', () => {
    const text = `h ssh-ed25519 ${ED}\n`
    expect(check(text, 'h', ec)).toBe('unknown')
    expect(check(`${text}h ecdsa-sha2-nistp256 ${EC}\n`, 'h', ec)).toBe('known')
    expect(knownKeyTypes(parseKnownHosts(text), 'h')).toEqual(['ssh-ed25519'])
  })

  it('refuses a revoked key whatever else is said', () => {
    const text = `h ssh-ed25519 ${ED}\n@revoked * ssh-ed25519 ${ED}\n`
    expect(check(text, 'h', ed)).toBe('revoked')
    expect(check(text, 'h', otherEd)).toBe('changed')
  })

  it('does not take the key of an authority for that of a host', () => {
    expect(check(`@cert-authority * ssh-ed25519 ${ED}\n`, 'h', ed)).toBe('unknown')
  })

  it('passes over lines that it cannot read', () => {
    fc.assert(
      fc.property(fc.string(), (line) => {
        const text = `# h ssh-ed25519\n${line.replaceAll('\n', '')}\nh ssh-ed25519 ${ED}\n`
        expect(['known', 'revoked']).toContain(check(text, 'h', ed))
      }),
    )
  })

  it('shows the fingerprint of ssh-keygen', () => {
    expect(fingerprintOf(ed)).toBe('SHA256:LYkDkTce6LpLKs5DutCqDaadpFuZRctuE24WUN1vqiQ')
  })
})
