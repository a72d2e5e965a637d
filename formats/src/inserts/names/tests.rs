//! Cells as inserts write them, taken apart. A drug is shown as
//! `name=abbreviation<brand>(condition)-[exception]{members}…`.

use super::*;

fn show(partner: &Partner) -> String {
    let mut text = partner.name.clone();
    let list = |list: &[String], open: &str, close: &str| match list {
        [] => String::new(),
        list => format!("{open}{}{close}", list.join("|")),
    };
    text.push_str(&list(&partner.also, "=", ""));
    text.push_str(&list(&partner.brands, "<", ">"));
    text.push_str(&list(&partner.conditions, "(", ")"));
    text.push_str(&list(&partner.exclusions, "-[", "]"));
    let members: Vec<String> = partner.members.iter().map(show).collect();
    text.push_str(&list(&members, "{", "}"));
    if partner.open {
        text.push('…');
    }
    text
}

fn shown(blocks: &[(usize, &str)]) -> Vec<String> {
    let block = |(level, text): &(usize, &str)| Block { level: *level, text: (*text).to_owned() };
    let blocks: Vec<Block> = blocks.iter().map(block).collect();
    parse_cell(&blocks).iter().map(show).collect()
}

fn text(text: &str) -> Vec<String> {
    shown(&[(0, text)])
}

#[test]
fn three_spellings_of_several_names() {
    let names = ["ピモジド", "キニジン", "ベプリジル"];
    assert_eq!(shown(&[(0, "ピモジド"), (0, "キニジン"), (0, "ベプリジル")]), names);
    assert_eq!(text("ピモジド\nキニジン\nベプリジル"), names);
    assert_eq!(text("ピモジド、キニジン及びベプリジル"), names);
    assert_eq!(text("ピモジド，キニジン、ベプリジル等"), ["ピモジド", "キニジン", "ベプリジル…"]);
}

#[test]
fn brands_stand_in_brackets_or_in_a_list() {
    assert_eq!(text("トリアゾラム〔ハルシオン〕"), ["トリアゾラム<ハルシオン>"]);
    assert_eq!(text("トリアゾラム\n〔ハルシオン〕"), ["トリアゾラム<ハルシオン>"]);
    assert_eq!(text("トリアゾラム（ハルシオン等）"), ["トリアゾラム<ハルシオン>"]);
    assert_eq!(shown(&[(0, "ベプリジル"), (1, "ベプリコール")]), ["ベプリジル<ベプリコール>"]);
    assert_eq!(
        shown(&[(0, "セレギリン塩酸塩"), (1, "（エフピー）")]),
        ["セレギリン塩酸塩<エフピー>"]
    );
    assert_eq!(
        text("シルデナフィル〔レバチオ〕\nタダラフィル〔アドシルカ〕"),
        ["シルデナフィル<レバチオ>", "タダラフィル<アドシルカ>"]
    );
    assert_eq!(
        text("エルゴタミン（クリアミン、ジヒデルゴット）"),
        ["エルゴタミン<クリアミン|ジヒデルゴット>"]
    );
}

#[test]
fn a_condition_may_hold_commas_and_brackets() {
    let cell = "**,*ベネトクラクス（慢性リンパ性白血病（小リンパ球性リンパ腫を含む）、再発又は難治性のマントル細胞リンパ腫の用量漸増期）\n〔ベネクレクスタ〕";
    let condition = "慢性リンパ性白血病（小リンパ球性リンパ腫を含む）、再発又は難治性のマントル細胞リンパ腫の用量漸増期";
    assert_eq!(text(cell), [format!("ベネトクラクス<ベネクレクスタ>({condition})")]);
    assert_eq!(text("ミコナゾール（経口剤）"), ["ミコナゾール(経口剤)"]);
    assert_eq!(
        text("ロミタピド（1日10mgを超えて投与する場合）、A"),
        ["ロミタピド(1日10mgを超えて投与する場合)", "A"]
    );
}

#[test]
fn exceptions_are_taken_out() {
    assert_eq!(text("タクロリムス（外用剤を除く）"), ["タクロリムス-[外用剤]"]);
    assert_eq!(
        text("アゾール系抗真菌剤（ただし、フルコナゾール及び外用剤を除く）"),
        ["アゾール系抗真菌剤-[フルコナゾール|外用剤]"]
    );
    assert_eq!(
        text("アゾール系抗真菌剤（イトラコナゾール等、ただし外用剤を除く）"),
        ["アゾール系抗真菌剤-[外用剤]{イトラコナゾール}…"]
    );
}

#[test]
fn a_class_has_its_members_in_brackets_or_in_a_list() {
    assert_eq!(
        text(
            "CYP3A4阻害剤（ケトコナゾール、リトナビル、ベラパミル塩酸塩等）及びCYP1A2阻害剤（シメチジン、キノロン系抗菌剤等）"
        ),
        [
            "CYP3A4阻害剤{ケトコナゾール|リトナビル|ベラパミル塩酸塩}…",
            "CYP1A2阻害剤{シメチジン|キノロン系抗菌剤}…"
        ]
    );
    assert_eq!(
        shown(&[(0, "ビンカアルカロイド系抗悪性腫瘍剤"), (1, "ビンクリスチン\nビンブラスチン等")]),
        ["ビンカアルカロイド系抗悪性腫瘍剤{ビンクリスチン|ビンブラスチン}…"]
    );
    assert_eq!(
        shown(&[
            (0, "MAO阻害剤"),
            (1, "セレギリン塩酸塩"),
            (1, "（エフピー）"),
            (1, "ラサギリン〔アジレクト〕")
        ]),
        ["MAO阻害剤{セレギリン塩酸塩<エフピー>|ラサギリン<アジレクト>}"]
    );
    assert_eq!(
        text("モノアミン酸化酵素（MAO）阻害剤（セレギリン塩酸塩、ラサギリンメシル酸塩）"),
        ["モノアミン酸化酵素（MAO）阻害剤{セレギリン塩酸塩|ラサギリンメシル酸塩}"]
    );
}

#[test]
fn brackets_that_belong_to_the_name_stay() {
    assert_eq!(
        text("インターフェロン　アルファ（遺伝子組換え）〔甲〕"),
        ["インターフェロン　アルファ（遺伝子組換え）<甲>"]
    );
    assert_eq!(text("セロトニン再取り込み阻害剤（SSRI）"), ["セロトニン再取り込み阻害剤=SSRI"]);
}

#[test]
fn a_drug_whose_name_ends_like_its_class_is_a_drug() {
    assert_eq!(text("スマトリプタン（イミグラン）"), ["スマトリプタン<イミグラン>"]);
}

#[test]
fn what_is_no_separator() {
    assert_eq!(text("1,25-ジヒドロキシ体,乙"), ["1,25-ジヒドロキシ体", "乙"]);
    assert_eq!(
        text("オルメサルタン メドキソミル・\nアゼルニジピン"),
        ["オルメサルタン メドキソミル・\nアゼルニジピン"]
    );
    assert_eq!(text("・甲\n・乙"), ["甲", "乙"]);
    // Never closed: the lines after it are names of their own.
    assert_eq!(text("甲（乙\n丙"), ["甲（乙", "丙"]);
    assert_eq!(text("甲、［2.1参照］、、乙［参照］"), ["甲", "乙"]);
    assert!(text("、\n，").is_empty());
}

#[test]
fn a_bracket_behind_nothing_is_kept_as_a_name() {
    assert_eq!(text("（甲）"), ["甲<甲>"]);
}

#[test]
fn deep_and_long_cells_end() {
    let deep = format!("甲剤{}乙{}", "（ただし".repeat(20_000), "）".repeat(20_000));
    assert!(!text(&deep).is_empty());
    assert_eq!(text(&"甲、".repeat(20_000)).len(), 20_000);
    assert!(text(&"（".repeat(50_000)).len() <= 1);
    assert!(text(&"甲）\n".repeat(20_000)).len() <= 20_000);
}
