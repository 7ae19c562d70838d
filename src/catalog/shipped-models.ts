import type { FileProvider } from './catalog-file.ts'

/** A provider of the shipped catalog. `source` is its name in the price data. */
export interface ShippedProvider {
  source: string
  provider: FileProvider
  models: readonly ShippedModel[]
}

export interface ShippedModel {
  /** The model's id in the price data. */
  source: string
  /** The public name; the id of the data unless said. A name that an earlier provider has adds a route to that model. */
  name?: string
  /** Of dated names only those of a model's one snapshot: a pinned name must not lead elsewhere. */
  aliases?: readonly string[]
  /** What the provider calls it; the id of the data unless said. */
  upstreamModel?: string
  /** Needed where the data has none; the data's wins. */
  contextWindow?: number
  /** From the providers' documentation; where that was not to be had, the smaller figure of the family. */
  maxOutputTokens: number
}

function provider(
  slug: string,
  name: string,
  baseUrl: string,
  apiKeyEnv: string,
  rest: Pick<Partial<FileProvider>, 'protocol' | 'outputCapParameter'> = {},
): FileProvider {
  return {
    slug,
    name,
    protocol: 'openai',
    baseUrl,
    outputCapParameter: 'max_tokens',
    ...rest,
    credential: { apiKeyEnv },
  }
}

const openai: ShippedProvider = {
  source: 'openai',
  provider: provider('openai', 'OpenAI', 'https://api.openai.com/v1', 'OPENAI_API_KEY', {
    outputCapParameter: 'max_completion_tokens',
  }),
  models: [
    { source: 'gpt-5.4', maxOutputTokens: 128_000 },
    { source: 'gpt-5.4-mini', maxOutputTokens: 128_000 },
    { source: 'gpt-5.4-nano', maxOutputTokens: 128_000 },
    { source: 'gpt-5.2', maxOutputTokens: 128_000 },
    { source: 'gpt-5.1', maxOutputTokens: 128_000 },
    { source: 'gpt-5', aliases: ['gpt-5-2025-08-07'], maxOutputTokens: 128_000 },
    { source: 'gpt-5-mini', aliases: ['gpt-5-mini-2025-08-07'], maxOutputTokens: 128_000 },
    { source: 'gpt-5-nano', aliases: ['gpt-5-nano-2025-08-07'], maxOutputTokens: 128_000 },
    { source: 'gpt-4.1', aliases: ['gpt-4.1-2025-04-14'], maxOutputTokens: 32_768 },
    { source: 'gpt-4.1-mini', aliases: ['gpt-4.1-mini-2025-04-14'], maxOutputTokens: 32_768 },
    { source: 'gpt-4.1-nano', aliases: ['gpt-4.1-nano-2025-04-14'], maxOutputTokens: 32_768 },
    { source: 'gpt-4o', maxOutputTokens: 16_384 },
    { source: 'gpt-4o-mini', aliases: ['gpt-4o-mini-2024-07-18'], maxOutputTokens: 16_384 },
    { source: 'o3', aliases: ['o3-2025-04-16'], maxOutputTokens: 100_000 },
    { source: 'o3-mini', maxOutputTokens: 100_000 },
    { source: 'o4-mini', aliases: ['o4-mini-2025-04-16'], maxOutputTokens: 100_000 },
    // Embeddings have no output, and the data no rate for it.
    { source: 'text-embedding-3-small', maxOutputTokens: 0 },
    { source: 'text-embedding-3-large', maxOutputTokens: 0 },
  ],
}

const anthropic: ShippedProvider = {
  source: 'anthropic',
  provider: provider('anthropic', 'Anthropic', 'https://api.anthropic.com/v1', 'ANTHROPIC_API_KEY', {
    protocol: 'anthropic',
  }),
  models: [
    { source: 'claude-opus-5', maxOutputTokens: 64_000 },
    { source: 'claude-sonnet-5', maxOutputTokens: 64_000 },
    { source: 'claude-opus-4-6', maxOutputTokens: 64_000 },
    { source: 'claude-sonnet-4-6', maxOutputTokens: 64_000 },
    { source: 'claude-opus-4-5', aliases: ['claude-opus-4-5-20251101'], maxOutputTokens: 64_000 },
    { source: 'claude-sonnet-4-5', aliases: ['claude-sonnet-4-5-20250929'], maxOutputTokens: 64_000 },
    { source: 'claude-haiku-4-5', aliases: ['claude-haiku-4-5-20251001'], maxOutputTokens: 64_000 },
    { source: 'claude-opus-4-1', aliases: ['claude-opus-4-1-20250805'], maxOutputTokens: 32_000 },
  ],
}

const gemini: ShippedProvider = {
  source: 'google',
  provider: provider('gemini', 'Google Gemini', 'https://generativelanguage.googleapis.com/v1beta', 'GEMINI_API_KEY', {
    protocol: 'gemini',
  }),
  models: [
    { source: 'gemini-3.1-pro-preview', contextWindow: 1_048_576, maxOutputTokens: 65_536 },
    { source: 'gemini-3-flash-preview', maxOutputTokens: 65_536 },
    { source: 'gemini-2.5-pro', contextWindow: 1_048_576, maxOutputTokens: 65_536 },
    { source: 'gemini-2.5-flash', maxOutputTokens: 65_536 },
    { source: 'gemini-2.5-flash-lite', maxOutputTokens: 65_536 },
  ],
}

const fireworksModel = (id: string) => `accounts/fireworks/models/${id}`

export const SHIPPED_PROVIDERS: readonly ShippedProvider[] = [
  openai,
  anthropic,
  gemini,
  {
    source: 'mistral',
    provider: provider('mistral', 'Mistral', 'https://api.mistral.ai/v1', 'MISTRAL_API_KEY'),
    models: [
      { source: 'mistral-large-2512', aliases: ['mistral-large-latest'], maxOutputTokens: 32_768 },
      { source: 'mistral-small-2603', aliases: ['mistral-small-latest'], maxOutputTokens: 32_768 },
      { source: 'codestral-2508', aliases: ['codestral-latest'], maxOutputTokens: 32_768 },
      { source: 'devstral-2512', maxOutputTokens: 32_768 },
      { source: 'ministral-8b-2512', aliases: ['ministral-8b-latest'], maxOutputTokens: 32_768 },
    ],
  },
  {
    source: 'deepseek',
    provider: provider('deepseek', 'DeepSeek', 'https://api.deepseek.com/v1', 'DEEPSEEK_API_KEY'),
    models: [
      { source: 'deepseek-v4-flash', maxOutputTokens: 64_000 },
      { source: 'deepseek-v4-pro', maxOutputTokens: 64_000 },
    ],
  },
  {
    source: 'groq',
    provider: provider('groq', 'Groq', 'https://api.groq.com/openai/v1', 'GROQ_API_KEY', {
      outputCapParameter: 'max_completion_tokens',
    }),
    models: [
      { source: 'llama-3.3-70b-versatile', name: 'llama-3.3-70b', contextWindow: 131_072, maxOutputTokens: 32_768 },
      { source: 'llama-3.1-8b-instant', name: 'llama-3.1-8b', contextWindow: 131_072, maxOutputTokens: 131_072 },
      {
        source: 'openai/gpt-oss-120b',
        name: 'gpt-oss-120b',
        aliases: ['openai/gpt-oss-120b'],
        maxOutputTokens: 32_768,
      },
      { source: 'openai/gpt-oss-20b', name: 'gpt-oss-20b', aliases: ['openai/gpt-oss-20b'], maxOutputTokens: 32_768 },
      { source: 'qwen/qwen3-32b', name: 'qwen3-32b', aliases: ['qwen/qwen3-32b'], maxOutputTokens: 40_960 },
    ],
  },
  {
    source: 'cerebras',
    provider: provider('cerebras', 'Cerebras', 'https://api.cerebras.ai/v1', 'CEREBRAS_API_KEY', {
      outputCapParameter: 'max_completion_tokens',
    }),
    models: [{ source: 'gpt-oss-120b', maxOutputTokens: 32_768 }],
  },
  {
    source: 'x-ai',
    provider: provider('xai', 'xAI', 'https://api.x.ai/v1', 'XAI_API_KEY'),
    models: [
      { source: 'grok-4.5', maxOutputTokens: 32_768 },
      { source: 'grok-4.3', maxOutputTokens: 32_768 },
      { source: 'grok-4-1-fast-reasoning', aliases: ['grok-4-1-fast'], maxOutputTokens: 30_000 },
      { source: 'grok-code-fast-1', maxOutputTokens: 10_000 },
    ],
  },
  {
    source: 'together',
    provider: provider('together', 'Together AI', 'https://api.together.xyz/v1', 'TOGETHER_API_KEY'),
    models: [
      { source: 'meta-llama/Llama-3.3-70B-Instruct-Turbo', name: 'llama-3.3-70b', maxOutputTokens: 32_768 },
      {
        source: 'meta-llama/Llama-4-Maverick-17B-128E-Instruct-FP8',
        name: 'llama-4-maverick',
        contextWindow: 1_048_576,
        maxOutputTokens: 16_384,
      },
    ],
  },
  {
    source: 'fireworks',
    provider: provider('fireworks', 'Fireworks AI', 'https://api.fireworks.ai/inference/v1', 'FIREWORKS_API_KEY'),
    models: [
      { source: 'gpt-oss-20b', upstreamModel: fireworksModel('gpt-oss-20b'), maxOutputTokens: 32_768 },
      { source: 'glm-4p7', name: 'glm-4.7', upstreamModel: fireworksModel('glm-4p7'), maxOutputTokens: 32_768 },
    ],
  },
  {
    source: 'cohere',
    provider: provider('cohere', 'Cohere', 'https://api.cohere.ai/compatibility/v1', 'COHERE_API_KEY'),
    models: [
      {
        source: 'command-a',
        aliases: ['command-a-03-2025'],
        upstreamModel: 'command-a-03-2025',
        contextWindow: 256_000,
        maxOutputTokens: 8_192,
      },
      {
        source: 'command-r7b',
        aliases: ['command-r7b-12-2024'],
        upstreamModel: 'command-r7b-12-2024',
        contextWindow: 128_000,
        maxOutputTokens: 4_096,
      },
    ],
  },
  {
    source: 'perplexity',
    provider: provider('perplexity', 'Perplexity', 'https://api.perplexity.ai', 'PERPLEXITY_API_KEY'),
    models: [
      { source: 'sonar', maxOutputTokens: 8_192 },
      { source: 'sonar-pro', maxOutputTokens: 8_192 },
    ],
  },
  {
    source: 'moonshotai',
    provider: provider('moonshot', 'Moonshot AI', 'https://api.moonshot.ai/v1', 'MOONSHOT_API_KEY'),
    models: [{ source: 'kimi-k2.6', maxOutputTokens: 32_768 }],
  },
  {
    source: 'novita',
    provider: provider('novita', 'Novita AI', 'https://api.novita.ai/v3/openai', 'NOVITA_API_KEY'),
    models: [{ source: 'mistralai/mistral-nemo', name: 'mistral-nemo', maxOutputTokens: 16_000 }],
  },
]
