/** A first request, ready to be pasted. */
export interface Snippet {
  id: string
  name: string
  /** What has to be there before. */
  before: string
  code: string
}

/** Where snippets look for the key: it is shown once, and belongs in no file. */
export const KEY_VARIABLE = 'FAREBOX_API_KEY'
const PROMPT = 'Say hello in one short sentence.'

/**
 * A first request in three ways.
 * @param publicUrl where the gateway is reached, without a slash at the end
 * @param model one that the account may call
 */
export function firstRequestSnippets(publicUrl: string, model: string): Snippet[] {
  const [name, prompt, base] = [model, PROMPT, `${publicUrl}/v1`].map((text) => JSON.stringify(text))
  const body = `{"model": ${name}, "messages": [{"role": "user", "content": ${prompt}}]}`
  return [
    {
      ...{ id: 'curl', name: 'curl', before: `export ${KEY_VARIABLE}="your key"` },
      code: [
        `curl ${inShell(`${publicUrl}/v1/chat/completions`)} \\`,
        `  -H "Authorization: Bearer $${KEY_VARIABLE}" \\`,
        `  -H "Content-Type: application/json" \\`,
        `  -d ${inShell(body)}`,
      ].join('\n'),
    },
    {
      ...{ id: 'python', name: 'Python', before: 'pip install openai' },
      code: [
        'import os',
        'from openai import OpenAI',
        '',
        `client = OpenAI(base_url=${base}, api_key=os.environ["${KEY_VARIABLE}"])`,
        'answer = client.chat.completions.create(',
        `    model=${name},`,
        `    messages=[{"role": "user", "content": ${prompt}}],`,
        ')',
        'print(answer.choices[0].message.content)',
      ].join('\n'),
    },
    {
      ...{ id: 'typescript', name: 'TypeScript', before: 'npm install openai' },
      code: [
        "import { env } from 'node:process'",
        "import OpenAI from 'openai'",
        '',
        `const client = new OpenAI({ baseURL: ${base}, apiKey: env.${KEY_VARIABLE} })`,
        'const answer = await client.chat.completions.create({',
        `  model: ${name},`,
        `  messages: [{ role: 'user', content: ${prompt} }],`,
        '})',
        'console.log(answer.choices[0]?.message.content)',
      ].join('\n'),
    },
  ]
}

/** One word to the shell, whatever is in it. */
function inShell(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`
}
