/** Packages import downwards only; `allowed` are the packages below `name`. */
const layer = (name, ...allowed) => ({
  name: `${name}-imports-only-what-lies-below`,
  severity: 'error',
  from: { path: `^packages/${name}/src` },
  to: { path: '^packages/', pathNot: `^packages/(${[name, ...allowed].join('|')})/` },
})

module.exports = {
  forbidden: [
    layer('store'),
    layer('core', 'store'),
    layer('formats', 'core', 'store'),
    layer('remote', 'core', 'store'),
    layer('analysis', 'formats', 'core', 'store'),
    layer('steps', 'analysis', 'formats', 'core', 'store'),
    layer('pipeline', 'steps', 'analysis', 'remote', 'formats', 'core', 'store'),
    {
      name: 'pure-parts-of-core-do-no-io',
      severity: 'error',
      from: { path: '^packages/core/src/(model|record|diff|merge|query)/' },
      to: { dependencyTypes: ['core'] },
    },
    {
      name: 'a-format-knows-no-other-format',
      severity: 'error',
      from: { path: '^packages/formats/src/([^/]+)/' },
      to: {
        path: '^packages/formats/src/[^/]+/',
        pathNot: '^packages/formats/src/($1|shared|folder|media)/',
      },
    },
    {
      name: 'no-cycles',
      severity: 'error',
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
  ],
  options: {
    tsConfig: { fileName: 'tsconfig.base.json' },
    tsPreCompilationDeps: true,
    doNotFollow: { path: 'node_modules' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['@dsv/source', 'import', 'node', 'default'],
      extensions: ['.ts', '.js'],
    },
  },
}
