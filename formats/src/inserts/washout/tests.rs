//! Intervals in the wording of inserts.

use super::*;

fn days(text: &str) -> Vec<Option<(u32, Ending)>> {
    read_washouts(&[text]).into_iter().map(|washout| washout.days).collect()
}

#[test]
fn intervals_after_the_partner() {
    for (text, expected) in [
        ("MAO阻害剤を投与中の患者又は投与中止後14日以内の患者には投与しないこと。", 14),
        ("投与中止後14日間以内", 14),
        ("ナルメフェン塩酸塩を投与中の患者又は投与中止後1週間以内の患者には投与しないこと。", 7),
        ("投与中止後２週間以内の患者", 14),
        ("投与を中止してから24時間以内", 1),
        ("投与中止から36時間以内の患者", 2),
        ("少なくとも本剤投与開始36時間前に中止すること", 2),
        ("エルゴタミンの投与後24時間以内に投与しないこと", 1),
        ("三環系抗うつ剤から本剤に切り替えるときは、14日間の間隔をあけること", 14),
    ] {
        assert_eq!(days(text), [Some((expected, Ending::Partner))], "{text}");
    }
}

#[test]
fn intervals_after_the_own_drug() {
    for (text, expected) in [
        ("本剤投与中止後にMAO阻害剤の投与を開始する場合には、14日間の間隔をあけること。", 14),
        ("本剤の投与を終了した後は、本剤の最終投与から36時間後までは投与しないこと。", 2),
        ("本剤投与後24時間以内にエルゴタミンを投与しないこと", 1),
        ("本剤から三環系抗うつ剤に切り替えるときは少なくとも2週間の間隔を置くこと", 14),
    ] {
        assert_eq!(days(text), [Some((expected, Ending::Own))], "{text}");
    }
}

#[test]
fn intervals_after_either() {
    for text in [
        "本剤及び他のトリプタンを前後して投与する場合は24時間以上の間隔をあけて投与すること",
        "それぞれ24時間以上の間隔をあけること",
        "本剤又はエルゴタミンの投与後24時間以内",
    ] {
        assert_eq!(days(text), [Some((1, Ending::Both))], "{text}");
    }
}

#[test]
fn each_sentence_by_itself() {
    let text = "MAO阻害剤を投与中の患者又は投与中止後14日以内の患者には投与しないこと。また、本剤投与中止後にMAO阻害剤の投与を開始する場合には、2～3日間の間隔を空けることが望ましい。";
    assert_eq!(days(text), [Some((14, Ending::Partner)), None]);
    let found = read_washouts(&[text]);
    assert!(found[1].text.starts_with("また、本剤投与中止後"));
}

#[test]
fn irregular_wording_is_text_alone() {
    for text in [
        "投与中止後3か月間は併用しないこと",
        "投与中止後2～3日以内",
        "14日間の間隔をおくことが望ましい",
        "十分な間隔（目安として7日）をあけること",
        "投与中止後99999999999日以内",
    ] {
        assert_eq!(days(text), [None], "{text}");
    }
}

#[test]
fn other_durations_are_none() {
    for text in ["投与1時間後に血圧が低下した", "1日3回14日間投与した", "CYP3A4を阻害する", ""]
    {
        assert!(days(text).is_empty(), "{text}");
    }
}
