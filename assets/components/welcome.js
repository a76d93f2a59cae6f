// What stands in an empty studio: the free credit, the plans, and prompts to begin with.

import { post, refreshAccount } from '../api.js';
import { plans } from '../catalogue.js';
import { fill, h } from '../dom.js';
import { formatCredits } from '../format.js';
import { onSession, session } from '../session.js';
import { t } from '../strings.js';
import { button } from './button.js';
import { toastGood } from './toast.js';

const EXAMPLES = ['cup', 'cupcake', 'chair', 'cactus', 'guitar', 'bear'];

function planChoice(list) {
  const node = h('div', { class: 'plan-choice' });
  const draw = () => {
    const { account } = session;
    const offers = list.filter((plan) => plan.monthly_credit_grant > 0);
    if (account.billing_tier !== list[0]?.id || !offers.length) return fill(node);
    if (account.pending_plan)
      return fill(
        node,
        h(
          'p',
          { class: 'notice' },
          t('studio.plan_pending', {
            plan: list.find((plan) => plan.id === account.pending_plan)?.name ?? account.pending_plan,
          }),
        ),
      );
    return fill(
      node,
      h('h3', {}, t('studio.plan_title')),
      h('p', { class: 'quiet' }, t('studio.plan_about')),
      h(
        'div',
        { class: 'plan-offers' },
        offers.map((plan) =>
          h(
            'div',
            { class: 'plan-offer' },
            h('strong', {}, plan.name),
            h(
              'span',
              { class: 'quiet' },
              t('studio.plan_grant', { credits: formatCredits(plan.monthly_credit_grant) }),
            ),
            button(t(plan.needs_approval ? 'studio.plan_ask' : 'studio.plan_take', { plan: plan.name }), {
              size: 'small',
              onclick: async () => {
                await post('/v1/account/plan', { plan: plan.id });
                await refreshAccount();
                toastGood(
                  t(session.account.pending_plan ? 'studio.plan_asked' : 'studio.plan_taken', { plan: plan.name }),
                );
                draw();
              },
            }),
          ),
        ),
      ),
    );
  };
  draw();
  return node;
}

/** The welcome; `write(text)` puts an example into the composer. */
export function welcome({ write, signal }) {
  const [place, about] = [h('div'), h('p', { class: 'quiet' })];
  const tell = () => {
    const left = session.account?.credits_remaining ?? 0;
    fill(about, t(left > 0 ? 'studio.welcome' : 'studio.welcome_broke', { credits: formatCredits(left) }));
  };
  tell();
  onSession(tell, signal);
  plans()
    .then((list) => place.append(planChoice(list)))
    .catch(() => {});
  return h(
    'section',
    { class: 'welcome' },
    h('h2', {}, t('studio.welcome_title')),
    about,
    h(
      'ul',
      { class: 'examples', 'aria-label': t('studio.examples_label') },
      EXAMPLES.map((id) =>
        h(
          'li',
          {},
          h(
            'button',
            { type: 'button', class: 'example', onclick: () => write(t(`studio.examples.${id}`)) },
            t(`studio.examples.${id}`),
          ),
        ),
      ),
    ),
    place,
  );
}
