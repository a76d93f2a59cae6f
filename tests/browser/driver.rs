//! The watch itself: what a page should never do is seen, whatever the page.

use crate::stage::Stage;

#[tokio::test(flavor = "multi_thread")]
async fn what_a_page_should_never_do_is_seen() {
    let Some(stage) = Stage::open().await else { return };
    stage.server.person("ada@example.com", 0).await;
    let page = stage.stranger("/sign-in").await;
    page.settles().await;
    assert_eq!(page.faults(), Vec::<String>::new());
    for (misdeed, seen) in [
        ("console.error('wrong', 7)", "console: wrong 7"),
        ("setTimeout(() => { throw new Error('thrown') })", "uncaught: Error: thrown"),
        ("void Promise.reject(new Error('refused'))", "uncaught: Error: refused"),
        ("alert('hello')", "dialog (alert): hello"),
        ("void fetch('/v1/nowhere')", "404 "),
        ("void fetch('http://127.0.0.1:1/').catch(() => 0)", "content policy: "),
        ("document.body.append(Object.assign(new Image(), { src: 'http://127.0.0.1:1/x.png' }))", "content policy: "),
        ("document.body.setAttribute('style', 'color: red')", "content policy: "),
    ] {
        page.evaluate(misdeed).await.unwrap();
        page.until(misdeed, async || {
            let faults = page.faults();
            if faults.iter().any(|fault| fault.contains(seen)) { Ok(()) } else { Err(format!("{faults:?}")) }
        })
        .await;
        page.permit(seen);
        assert!(!page.faults().iter().any(|fault| fault.contains(seen)), "what is permitted is no fault");
        page.begin_again();
    }
    page.permit(""); // what the last misdeed still sets off
}

/// The first time the pointer comes, another button takes the place of the one that was aimed at.
const FLEES: &str = "void (() => {
    window.clicked = [];
    const make = (name) => {
        const one = document.createElement('button');
        one.textContent = name;
        one.onclick = () => window.clicked.push(name);
        return one;
    };
    const sought = make('Sought');
    sought.addEventListener('mousemove', () => sought.before(make('Pushed in')), { once: true });
    const row = document.createElement('div');
    row.append(sought);
    document.body.replaceChildren(row);
})()";

#[tokio::test(flavor = "multi_thread")]
async fn what_moves_under_the_pointer_is_clicked_where_it_went() {
    let Some(stage) = Stage::open().await else { return };
    stage.server.person("ada@example.com", 0).await;
    let page = stage.stranger("/sign-in").await;
    page.settles().await;
    page.evaluate(FLEES).await.unwrap();
    page.button("Sought").click().await;
    page.holds("window.clicked.join() === 'Sought'").await;
}
