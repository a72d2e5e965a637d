//! What each story shows, in Japanese: the sentence for a reader who is offered the patients.

/// The sentence of a story, by its name.
pub(super) fn shows(name: &str) -> Option<&'static str> {
    Some(match name {
        "two-clinics" => {
            "別の医院の先発品と今回の後発品が重複し、クラリスロマイシンとスボレキサントは併用禁忌です。"
        }
        "own-renewal" => {
            "同じ患者が、先発品を処方した医院で続きを受けます。自院の記録は数えません。"
        }
        "compound" => "配合剤の成分の一つが、一般名処方と重複します。",
        "long-refill" => "１回１２０日分のリフィルは、１０５日目も対象です。",
        "long-supply" => "リフィルでない１２０日分は１０１日目から対象外で、盲点になります。",
        "washout" => "服用を終えたばかりの薬に休薬期間があります（方針「extended」）。",
        "many-pharmacies" => "同じ薬が２９の薬局で８１回調剤されていても、検出結果は一つです。",
        "elder-twin" => "枝番０１の人はワルファリンを服用中で、ミコナゾールは併用禁忌です。",
        "younger-twin" => "番号が同じでも枝番０２は別人です。同じ処方で該当はありません。",
        "other-route" => "ロキソプロフェンのテープと錠剤は、投与経路が違うので重複ではありません。",
        "as-needed" => "頓服は回数にかかわらず１４日分として数えます。",
        "nitrate-tape" => "薬と思われにくい硝酸薬のテープと、タダラフィルは併用禁忌です。",
        "dummy-code" => "過去にダミーコードの薬があり、「該当なし」とは言えません。",
        "discharge" => "退院時の処方は数え、入院中の処方は数えません。",
        "result-cancelled" => "調剤結果が取り消されたので、処方箋が再び対象になります。",
        "lost-answer" => "応答が届かずに二重に登録されたとみられる処方箋があります。",
        "two-yj7" => "アセトアミノフェンは、コードの系列が違っても一つの成分です。",
        _ => return None,
    })
}
