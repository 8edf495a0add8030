import { describe, expect, it } from '@jest/globals'
import { parseS3Address } from '../../../src/driver/s3/parse-s3-address.ts'

describe('parseS3Address', () => {
  it('reads bucket and prefix', () => {
    expect(parseS3Address('s3://my-bucket', {})).toMatchObject({ bucket: 'my-bucket', prefix: '' })
    expect(parseS3Address('s3://my-bucket/', {})).toMatchObject({ prefix: '' })
    expect(parseS3Address('s3://b.c_d/a b/c%20/', {})).toEqual({
      location: 's3://b.c_d/a b/c%20',
      bucket: 'b.c_d',
      prefix: 'a b/c%20/',
      endpoint: undefined,
      region: undefined,
      profile: undefined,
      isPathStyle: false,
      isUnsigned: false,
    })
  })

  it('reads options', () => {
    const endpoint = 'https://store.example:9000/s3'
    expect(parseS3Address('s3://bucket', { endpoint })).toMatchObject({
      endpoint,
      isPathStyle: true,
    })
    const options = {
      endpoint,
      region: 'eu',
      profile: 'work',
      unsigned: 'true',
      'path-style': 'false',
    }
    expect(parseS3Address('s3://bucket', options)).toMatchObject({
      region: 'eu',
      profile: 'work',
      isUnsigned: true,
      isPathStyle: false,
    })
  })

  it.each([
    's3://',
    's3:///a',
    's3://b',
    's3://user:secret@bucket/a',
    's3://bucket/../a',
    's3://bucket/a//b',
    's3://bucket/a\\b',
    's3://bucket?secret',
    's3:bucket',
  ])('refuses %s, and shows no secret', (address) => {
    const parse = (): unknown => parseS3Address(address, {})
    expect(parse).toThrow(expect.objectContaining({ code: 'DSV_REMOTE_URL_INVALID' }))
    expect(parse).not.toThrow('user:secret')
  })

  it.each<object>([
    { endpoint: 'store.example' },
    { endpoint: 'ftp://store.example' },
    { endpoint: 'https://user:hidden@store.example' },
    { endpoint: 'https://store.example/?token=hidden' },
    { region: '' },
    { profile: 'a\nb' },
    { unsigned: 'yes' },
    { 'path-style': '1' },
    { 'secret-key': 'hidden' },
    { constructor: 'x' },
  ])('refuses the option %j, and shows no secret', (options: object) => {
    const parse = (): unknown => parseS3Address('s3://bucket', options as Record<string, string>)
    expect(parse).toThrow(expect.objectContaining({ code: 'DSV_REMOTE_OPTION_INVALID' }))
    expect(parse).not.toThrow('hidden')
  })
})
