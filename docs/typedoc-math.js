// Formulas in comments and guide pages ($…$ and $$…$$) become MathML when the site is built: no fonts, no script, no
// network when it is read.
import katex from '@vscode/markdown-it-katex';
import { Application } from 'typedoc';

export const load = (app) => {
  // Set during `load`, the option would be overwritten without a word.
  app.on(Application.EVENT_BOOTSTRAP_END, () => {
    app.options.setValue('markdownItLoader', (markdown) => {
      markdown.use(katex.default ?? katex, { output: 'mathml', throwOnError: true });
    });
  });
};
